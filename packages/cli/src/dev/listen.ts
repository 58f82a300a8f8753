/**
 * Webhooks without a tunnel: a Bowline that providers can reach hands them on over a stream that this machine opens, and each is sent to the local
 * platform before the next one is read. The place moves on only then, so what breaks in between comes again: at least once.
 */
import { ReceivedWebhook } from '@bowline/api/webhooks';
import { z } from 'zod';
import type { Target } from '../deploy/target.ts';
import { causeOf } from '../remote/advice.ts';
import { followStream } from '../remote/stream.ts';
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

const ready = z.object({ missed: z.number() });

/** Ends when it is told to. @throws Failure when the server will not have us */
export const listen = async ({ from, to, integrations, signal }: Listening, terminal: Terminal): Promise<void> => {
  await followStream({
    from,
    signal,
    path: () => pathOf(integrations),
    headers: (place) => (place === undefined ? {} : { 'last-event-id': place }),
    handle: async ({ event, data }, { place }) => {
      if (event === 'ready') greet(from, ready.parse(JSON.parse(data)), place, terminal);
      else if (event === 'webhook') await deliver(to, from, ReceivedWebhook.parse(JSON.parse(data)), terminal);
    },
    lost: (error) =>
      tell({ type: 'webhooks', state: 'lost' }, `! The stream of ${from.host} is lost (${causeOf(error)}); trying again`, terminal),
    refusals: {
      words: 'hands no webhooks on',
      why: {
        400: 'It does not know one of the integrations, or is of another version.',
        401: `The API key from ${from.keySource} is not one of its keys.`,
        403: `The API key from ${from.keySource} needs the scope environment:webhooks:listen.`,
        404: 'It has no such stream: it is older than this command, or no Bowline.',
      },
    },
  });
};

const pathOf = (integrations: readonly string[]): string =>
  `/webhooks/stream${integrations.length > 0 ? `?integration=${integrations.map(encodeURIComponent).join(',')}` : ''}`;

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
