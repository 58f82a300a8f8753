/**
 * `bowline listen`: the events of an environment, sent to an app on this machine as its webhooks would be, without a tunnel. The stream is read on
 * only once the app has answered, and from the last event it was sent when the connection breaks: at least once, in order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { FeedEvent } from '@bowline/api/events';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { findTarget, type Target, type TargetOptions } from '../deploy/target.ts';
import { openWatch } from '../dev/listen.ts';
import { exitCodes, Failure } from '../failure.ts';
import { causeOf } from '../remote/advice.ts';
import { userAgent } from '../remote/reach.ts';
import { plain } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';

export type ListenOptions = TargetOptions & { forwardTo?: string; events?: readonly string[]; after?: string };
type Listening = { from: Target; to: string | undefined; events: readonly string[]; signal: AbortSignal };

const backoffMs = { first: 500, max: 30_000 };
/** As long as the server itself gives a receiver. */
const answerMs = 20_000;

export const listenCommand = async (root: string, options: ListenOptions, terminal: Terminal): Promise<void> => {
  const stop = new AbortController();
  terminal.io.stopping?.(() => stop.abort());
  const { environment = 'dev', host, secretKey, events = [], after } = options;
  const from = findTarget({ environment, host, secretKey, root, env: terminal.io.env, cwd: terminal.io.cwd });
  const listening = { from, to: options.forwardTo && addressOf(options.forwardTo), events, signal: stop.signal };
  let place = after;
  let wait = backoffMs.first;
  let isLost = false;
  let wasReached = false;
  while (!stop.signal.aborted) {
    try {
      await follow(listening, { place, isAgain: isLost }, terminal, (id) => {
        place = id;
        wasReached = true;
        wait = backoffMs.first;
        isLost = false;
      });
    } catch (error) {
      if (stop.signal.aborted) break;
      if (error instanceof Failure) throw error;
      if (!wasReached) throw new Failure(exitCodes.deploy, `${from.host} cannot be reached: ${causeOf(error)}.`);
      if (!isLost) tell({ type: 'lost' }, `! The stream of ${from.host} is lost (${causeOf(error)}); trying again`, terminal);
      isLost = true;
    }
    // Many that lost one server must not come back at once.
    await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal: stop.signal }).catch(() => {});
    wait = Math.min(wait * 2, backoffMs.max);
  }
  tell(
    { type: 'stopped', cursor: place ?? null },
    place === undefined ? '' : `To go on from here: bowline listen --after ${place}`,
    terminal,
  );
};

/** `localhost:3000/hooks` means http. */
const addressOf = (given: string): string => {
  const url = URL.parse(/^https?:\/\//i.test(given) ? given : `http://${given}`);
  if (!url) throw new Failure(exitCodes.usage, `${given} is no address. Write one such as localhost:3000/hooks.`);
  return url.href;
};

const follow = async (
  { from, to, events, signal }: Listening,
  { place, isAgain }: { place: string | undefined; isAgain: boolean },
  terminal: Terminal,
  reached: (id: string) => void,
): Promise<void> => {
  const watch = openWatch(signal);
  const query = new URLSearchParams({ signed: 'true', cursor: place ?? 'now', ...(events.length > 0 && { types: events.join(',') }) });
  try {
    const response = await fetch(`${from.host}/events?${query}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${from.secretKey}`, ...userAgent },
      // The key would go along.
      redirect: 'manual',
      signal: watch.signal,
    });
    refuse(response, from);
    const stream = response.body?.pipeThrough(watch.tap).pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { event, id = '', data } of stream ?? []) {
      if (event === 'ready') greet(from, { to, isAgain }, terminal);
      else if (event === 'event') await pass(FeedEvent.parse(JSON.parse(data)), to, terminal);
      reached(id);
      if (signal.aborted) return;
    }
  } finally {
    watch.stop();
  }
};

/** What trying again does not mend. */
const refuse = ({ status }: Response, { host, keySource }: Target): void => {
  if (status === 200) return;
  const why: Readonly<Record<number, string>> = {
    400: 'It does not know one of the events, or the place to go on from; or it is of another version.',
    401: `The API key from ${keySource} is not one of its keys.`,
    403: `The API key from ${keySource} needs the scope environment:events:read.`,
    404: 'It has no such stream: it is older than this command, or no Bowline.',
  };
  const known = why[status];
  if (known) throw new Failure(exitCodes.deploy, `${host} tells no events (${status}). ${known}`);
  throw new Error(`it answered ${status}`);
};

const greet = ({ host, environment }: Target, { to, isAgain }: { to: string | undefined; isAgain: boolean }, terminal: Terminal): void => {
  const where = to === undefined ? 'are shown here' : `go to ${to}, signed with the webhook signing key of the environment`;
  const words = isAgain ? `The stream of ${host} is back` : `Events of ${environment} on ${host} ${where}`;
  tell({ type: 'listening', to: to ?? null }, `${terminal.colours.green('✔')} ${words}`, terminal);
};

const pass = async ({ id, event, data, signed }: FeedEvent, to: string | undefined, terminal: Terminal): Promise<void> => {
  const result = to === undefined || !signed ? undefined : await send(to, signed);
  const about = [data.connectionId, data.syncName, data.model].filter((one) => typeof one === 'string').map((one) => plain(one));
  const line = `⇢ ${new Date().toTimeString().slice(0, 8)}  ${[event, ...about].join('  ')}`;
  tell({ type: 'event', id, event, ...(result ?? {}), data }, result ? `${line}: ${result.status ?? result.error}` : line, terminal);
};

type Result = { status: number | null; ms: number; error?: string };

/** An app that does not answer is told of, and not waited for: what it missed is sent again with `--after`. */
const send = async (to: string, { headers, body }: NonNullable<FeedEvent['signed']>): Promise<Result> => {
  const start = performance.now();
  const ms = () => Math.round(performance.now() - start);
  try {
    const response = await fetch(to, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(answerMs) });
    await response.body?.cancel();
    return { status: response.status, ms: ms() };
  } catch (error) {
    return { status: null, ms: ms(), error: causeOf(error) };
  }
};

const tell = (document: object, words: string, terminal: Terminal): void => {
  if (words) terminal.print(words);
  terminal.line(document);
};
