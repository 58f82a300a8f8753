/**
 * The stream of an environment's webhooks. What is sent is read from the table, so it does not matter which process the request came to; the bus only
 * says that there is something, and a look every heartbeat finds what it did not say.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { CHANNEL } from './kept.ts';
import { beginListening, readKept, type Wanted } from './listen.ts';

/** Shorter than the minute after which proxies close what is silent. */
const HEARTBEAT_MS = 15_000;

/** Ends when the client goes, or loses its right to listen. @param authorize throws the problem then */
export async function streamWebhooks(
  world: Pick<World, 'db' | 'bus' | 'keyring'>,
  scope: Scope,
  { stream, wanted, authorize }: { stream: ServerResponse; wanted: Wanted; authorize: () => Promise<unknown> },
): Promise<void> {
  const bell = openBell(world, scope, stream);
  try {
    let { after, missed } = await beginListening(world, scope, wanted.after);
    await write(stream, event(after, 'ready', { missed }));
    while (!stream.destroyed && !stream.writableEnded) {
      const page = await readKept(world, scope, { after, integrationIds: wanted.integrationIds });
      for (const webhook of page) {
        await write(stream, event(webhook.id, 'webhook', webhook));
        after = Number(webhook.id);
      }
      if (page.length > 0 || (await bell.rings())) continue;
      await write(stream, ': still here\n\n');
      await authorize();
      await beginListening(world, scope, after);
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  } finally {
    bell.stop();
    stream.end();
  }
}

const event = (id: number | string, name: string, data: object): string => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Who reads slowly is waited for: nothing is read ahead of them. */
async function write(stream: ServerResponse, text: string): Promise<void> {
  if (stream.destroyed || stream.writableEnded || stream.write(text)) return;
  const gone = new AbortController();
  await Promise.race([once(stream, 'drain', { signal: gone.signal }), once(stream, 'close', { signal: gone.signal })]);
  gone.abort();
}

/** Rings that come while nobody waits are remembered. */
function openBell({ bus }: Pick<World, 'bus'>, { environment }: Scope, stream: ServerResponse) {
  let rung = false;
  let wake = () => {};
  const ring = () => {
    rung = true;
    wake();
  };
  const unsubscribe = bus.subscribe(CHANNEL, (payload) => {
    if (typeof payload === 'object' && payload !== null && 'environmentId' in payload && payload.environmentId === environment.id) ring();
  });
  stream.once('close', ring);
  return {
    /** False after a heartbeat's time without one. */
    async rings(): Promise<boolean> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, HEARTBEAT_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const rang = rung;
      rung = false;
      return rang;
    },
    stop: unsubscribe,
  };
}
