/**
 * A server's stream of events: each is dealt with before the next one is read. When the connection breaks it is opened again behind the last one that
 * was dealt with, so what breaks in between comes again: at least once, in order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Target } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { userAgent } from './reach.ts';

/** `place`: the id behind which it was opened. `isAgain`: it was lost before. */
type Opened = { readonly place: string | undefined; readonly isAgain: boolean };
type Message = { readonly event: string | undefined; readonly data: string };
type Stream = {
  readonly from: Target;
  readonly signal: AbortSignal;
  /** @returns the path with its query */
  readonly path: (place: string | undefined) => string;
  readonly headers?: (place: string | undefined) => Record<string, string>;
  readonly handle: (message: Message, opened: Opened) => Promise<void> | void;
  /** Once each time; ends it by throwing. @param wasReached whether anything ever came */
  readonly lost: (error: unknown, wasReached: boolean) => void;
  /** What trying again does not mend, by status, and what the server then does not do. */
  readonly refusals: { readonly words: string; readonly why: Readonly<Record<number, string>> };
};

/** The server says every 15 s that it is there. */
const silenceMsMax = 45_000;
const backoffMs = { first: 500, max: 30_000 };

/** Ends when it is told to. @returns the place it came to. @throws Failure when the server will not have us */
export const followStream = async (stream: Stream, begin?: string): Promise<string | undefined> => {
  const { signal } = stream;
  let place = begin;
  let wait = backoffMs.first;
  let isLost = false;
  let wasReached = false;
  while (!signal.aborted) {
    try {
      await readOnce(stream, { place, isAgain: isLost }, (id) => {
        place = id;
        wait = backoffMs.first;
        isLost = false;
        wasReached = true;
      });
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof Failure) throw error;
      if (!isLost) stream.lost(error, wasReached);
      isLost = true;
    }
    // Many that lost one server must not come back at once.
    await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    wait = Math.min(wait * 2, backoffMs.max);
  }
  return place;
};

const readOnce = async (stream: Stream, opened: Opened, reached: (id: string) => void): Promise<void> => {
  const { from, signal } = stream;
  const watch = openWatch(signal);
  try {
    const response = await fetch(`${from.host}${stream.path(opened.place)}`, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${from.secretKey}`,
        ...userAgent,
        ...stream.headers?.(opened.place),
      },
      // The key would go along.
      redirect: 'manual',
      signal: watch.signal,
    });
    refuse(response, stream);
    const events = response.body?.pipeThrough(watch.tap).pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { event, id = '', data } of events ?? []) {
      await stream.handle({ event, data }, opened);
      reached(id);
      if (signal.aborted) return;
    }
  } finally {
    watch.stop();
  }
};

const refuse = ({ status }: Response, { from, refusals }: Stream): void => {
  if (status === 200) return;
  const known = refusals.why[status];
  if (known) throw new Failure(exitCodes.deploy, `${from.host} ${refusals.words} (${status}). ${known}`);
  throw new Error(`it answered ${status}`);
};

/** A connection that is dead without having been closed says nothing: its reader must notice. */
const openWatch = (outer: AbortSignal) => {
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
