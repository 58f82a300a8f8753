/**
 * `bowline listen`: the events of an environment, sent to an app on this machine as its webhooks would be, without a tunnel. The stream is read on
 * only once the app has answered, and from the last event it was sent when the connection breaks: at least once, in order.
 */
import { FeedEvent } from '@bowline/api/events';
import { findTarget, type Target, type TargetOptions } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { causeOf } from '../remote/advice.ts';
import { followStream } from '../remote/stream.ts';
import { plain } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';

export type ListenOptions = TargetOptions & { forwardTo?: string; events?: readonly string[]; after?: string };

/** As long as the server itself gives a receiver. */
const answerMs = 20_000;

export const listenCommand = async (root: string, options: ListenOptions, terminal: Terminal): Promise<void> => {
  const stop = new AbortController();
  terminal.io.stopping?.(() => stop.abort());
  const { environment = 'dev', host, secretKey, events = [], after } = options;
  const from = findTarget({ environment, host, secretKey, root, env: terminal.io.env, cwd: terminal.io.cwd });
  const to = options.forwardTo && addressOf(options.forwardTo);
  const place = await followStream(
    {
      from,
      signal: stop.signal,
      path: (at) =>
        `/events?${new URLSearchParams({ signed: 'true', cursor: at ?? 'now', ...(events.length > 0 && { types: events.join(',') }) })}`,
      handle: async ({ event, data }, { isAgain }) => {
        if (event === 'ready') greet(from, { to, isAgain }, terminal);
        else if (event === 'event') await pass(FeedEvent.parse(JSON.parse(data)), to, terminal);
      },
      lost: (error, wasReached) => {
        if (!wasReached) throw new Failure(exitCodes.deploy, `${from.host} cannot be reached: ${causeOf(error)}.`);
        tell({ type: 'lost' }, `! The stream of ${from.host} is lost (${causeOf(error)}); trying again`, terminal);
      },
      refusals: {
        words: 'tells no events',
        why: {
          400: 'It does not know one of the events, or the place to go on from; or it is of another version.',
          401: `The API key from ${from.keySource} is not one of its keys.`,
          403: `The API key from ${from.keySource} needs the scope environment:events:read.`,
          404: 'It has no such stream: it is older than this command, or no Bowline.',
        },
      },
    },
    after,
  );
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
