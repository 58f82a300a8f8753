/** The feed as server-sent events. What is sent is read from the table; the bus only says that there may be something, and a look each second finds the rest. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { SEND_CHANNEL } from './delivery.ts';
import { cursorText, type FeedCursor, type FeedNeeds, type FeedWish, readPage } from './feed.ts';

const LOOK_MS = 1_000;
/** Shorter than the minute after which proxies close what is silent. */
const HEARTBEAT_LOOKS = 15;

type Following = { stream: ServerResponse; after: FeedCursor; wish: FeedWish; authorize: () => Promise<unknown> };

/** Ends when the client goes, or loses its right to read. @param authorize throws the problem then */
export async function streamFeed(
  world: FeedNeeds & Pick<World, 'bus'>,
  scope: Scope,
  { stream, after: from, wish, authorize }: Following,
): Promise<void> {
  const bell = openBell(world, stream);
  let after = from;
  let silent = 0;
  try {
    await write(stream, `id: ${cursorText(after)}\nevent: ready\ndata: {}\n\n`);
    while (!stream.destroyed && !stream.writableEnded) {
      const { data, cursor, hasMore } = await readPage(world, scope, { after, wish });
      for (const event of data) await write(stream, `id: ${event.id}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`);
      after = cursor;
      silent = data.length > 0 ? 0 : silent + 1;
      if (hasMore) continue;
      if (silent >= HEARTBEAT_LOOKS) {
        silent = 0;
        await write(stream, ': still here\n\n');
        await authorize();
      }
      await bell.rings();
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  } finally {
    bell.stop();
    stream.end();
  }
}

/** Who reads slowly is waited for: nothing is read ahead of them. */
async function write(stream: ServerResponse, text: string): Promise<void> {
  if (stream.destroyed || stream.writableEnded || stream.write(text)) return;
  const gone = new AbortController();
  await Promise.race([once(stream, 'drain', { signal: gone.signal }), once(stream, 'close', { signal: gone.signal })]);
  gone.abort();
}

/** Rings that come while nobody waits are remembered. */
function openBell({ bus }: Pick<World, 'bus'>, stream: ServerResponse) {
  let rung = false;
  let wake = () => {};
  const ring = () => {
    rung = true;
    wake();
  };
  const stop = bus.subscribe(SEND_CHANNEL, ring);
  stream.once('close', ring);
  return {
    stop,
    async rings(): Promise<void> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
