/**
 * Webhooks without a tunnel: a Bowline that providers can reach hands them on over a stream that this machine opens, and each is sent to the local
 * platform before the next one is read. The place moves on only then, so what breaks in between comes again: at least once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ReceivedWebhook } from '@bowline/api/webhooks';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import type { Target } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { causeOf } from '../remote/advice.ts';
import { userAgent } from '../remote/reach.ts';
import { plain } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';
import type { Platform } from './platform.ts';
import { replay } from './replay.ts';

export type Listening = {
  readonly from: Target;
  readonly to: Platform;
  /** Only of these; all when there are none. */
  readonly integrations: readonly string[];
  readonly signal: AbortSignal;
};

/** The server says every 15 s that it is there. */
const silenceMsMax = 45_000;
const backoffMs = { first: 500, max: 30_000 };
const ready = z.object({ missed: z.number() });

/** Ends when it is told to. @throws Failure when the server will not have us */
export const listen = async (listening: Listening, terminal: Terminal): Promise<void> => {
  const { signal, from } = listening;
  let place: string | undefined;
  let wait = backoffMs.first;
  let isLost = false;
  const reached = (id: string): void => {
    place = id;
    wait = backoffMs.first;
    isLost = false;
  };
  while (!signal.aborted) {
    try {
      await follow(listening, place, reached, terminal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Failure) throw error;
      if (!isLost)
        tell({ type: 'webhooks', state: 'lost' }, `! The stream of ${from.host} is lost (${causeOf(error)}); trying again`, terminal);
      isLost = true;
    }
    // Many that lost one server must not come back at once.
    await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    wait = Math.min(wait * 2, backoffMs.max);
  }
};

const follow = async (
  { from, to, integrations, signal }: Listening,
  place: string | undefined,
  reached: (id: string) => void,
  terminal: Terminal,
) => {
  const watch = openWatch(signal);
  try {
    const response = await fetch(addressOf(from, integrations), {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${from.secretKey}`,
        ...userAgent,
        ...(place !== undefined && { 'last-event-id': place }),
      },
      // The key would go along.
      redirect: 'manual',
      signal: watch.signal,
    });
    refuse(response, from);
    const events = response.body?.pipeThrough(watch.tap).pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { event, id = '', data } of events ?? []) {
      if (event === 'ready') greet(from, ready.parse(JSON.parse(data)), place, terminal);
      else if (event === 'webhook') await deliver(to, from, ReceivedWebhook.parse(JSON.parse(data)), terminal);
      reached(id);
      if (signal.aborted) return;
    }
  } finally {
    watch.stop();
  }
};

const addressOf = ({ host }: Target, integrations: readonly string[]): string =>
  `${host}/webhooks/stream${integrations.length > 0 ? `?integration=${integrations.map(encodeURIComponent).join(',')}` : ''}`;

/** What trying again does not mend. */
const refuse = ({ status }: Response, { host, keySource }: Target): void => {
  if (status === 200) return;
  const why: Readonly<Record<number, string>> = {
    400: 'It does not know one of the integrations, or is of another version.',
    401: `The API key from ${keySource} is not one of its keys.`,
    403: `The API key from ${keySource} needs the scope environment:webhooks:listen.`,
    404: 'It has no such stream: it is older than this command, or no Bowline.',
  };
  const known = why[status];
  if (known) throw new Failure(exitCodes.deploy, `${host} hands no webhooks on (${status}). ${known}`);
  throw new Error(`it answered ${status}`);
};

/** A connection that is dead without having been closed says nothing: its reader must notice. */
export const openWatch = (outer: AbortSignal) => {
  const silent = new AbortController();
  const expire = (): void => silent.abort(new Error(`nothing was heard for ${silenceMsMax / 1000} s`));
  const timer = setTimeout(expire, silenceMsMax);
  const tap = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      timer.refresh();
      controller.enqueue(chunk);
    },
  });
  return { signal: AbortSignal.any([outer, silent.signal]), tap, stop: () => clearTimeout(timer) };
};

const greet = ({ host, environment }: Target, { missed }: { missed: number }, place: string | undefined, terminal: Terminal): void => {
  const lost = missed > 0 ? `; ${missed} came meanwhile and are not kept any more` : '';
  const words = place === undefined ? `Webhooks of ${environment} on ${host} come here` : `The stream of ${host} is back${lost}`;
  tell({ type: 'webhooks', state: 'listening', missed }, `${terminal.colours.green('✔')} ${words}`, terminal);
};

/** A platform that does not answer yet is waited for: the webhook is not lost. */
const deliver = async (to: Platform, from: Target, webhook: ReceivedWebhook, terminal: Terminal): Promise<void> => {
  const { status, code } = await replay(to.url, to.environmentUuid, webhook);
  const { id, integration } = webhook;
  const size = Buffer.byteLength(webhook.body, 'base64');
  const line = `⇣ ${new Date().toTimeString().slice(0, 8)}  webhook of ${plain(integration)}, ${size} bytes: ${status}${code ? ` ${code}` : ''}`;
  tell(
    { type: 'webhook', id, integration, status, bytes: size, ...(code && { code }) },
    [line, adviceOf(code, { to, from, integration })].filter(Boolean).join('\n  '),
    terminal,
  );
};

const adviceOf = (
  code: string | undefined,
  { to, from, integration }: { to: Platform; from: Target; integration: string },
): string | undefined => {
  const settings = `${to.url}/dev/integrations/${encodeURIComponent(integration)}?tab=settings`;
  if (code === 'webhook_invalid_signature')
    return `The signature is of the secret on ${from.host}. Give the local integration the same one: ${settings}`;
  if (code === 'unknown_provider_config') return `There is no integration ${plain(integration)} here. A folder of that name makes one.`;
  return undefined;
};

const tell = (document: object, words: string, terminal: Terminal): void => {
  terminal.print(words);
  terminal.line(document);
};
