/**
 * Public keys that a vendor publishes as a JWK set: fetched once for all who ask, kept as long as the answer says. A vendor that cannot be reached is asked
 * again a minute later; what was known until then goes on to count.
 */
import { LRUCache } from 'lru-cache';
import type { Outbound } from '../base/outbound.ts';
import type { World } from '../base/world.ts';

type Kept = { readonly set: string; readonly untilMs: number };
type Known = { kept?: Kept; asking?: Promise<void> | undefined };

const [AGE_MS_MIN, AGE_MS_MAX, AGAIN_MS] = [60_000, 24 * 3600_000, 60_000];
/** Google's is 2 KB. */
const BYTES_MAX = 64 * 1024;

/** Addresses that webhooks name are many only where somebody makes them up. */
const ADDRESSES_MAX = 200;

const known = new WeakMap<Outbound, LRUCache<string, Known>>();
type Needs = Pick<World, 'outbound' | 'clock' | 'log'>;

/** @returns the set as JSON; none when it was never had. Does not throw: without keys nothing is verified */
export const publishedKeys = (world: Needs, url: string): Promise<string[]> => published(world, url, checkSet);

function checkSet(text: string): string {
  if (Array.isArray((JSON.parse(text) as { keys?: unknown }).keys)) return text;
  throw new Error('it answered no JWK set');
}

/** The same of anything else. @param keyOf what to keep of an answer; throws when it is not what was asked for */
export async function published({ outbound, clock, log }: Needs, url: string, keyOf: (text: string) => string): Promise<string[]> {
  const all = known.get(outbound) ?? new LRUCache<string, Known>({ max: ADDRESSES_MAX });
  known.set(outbound, all);
  const one = all.get(url) ?? {};
  all.set(url, one);
  if (!one.kept || one.kept.untilMs <= clock.now().getTime()) {
    one.asking ??= ask({ outbound, clock }, url, keyOf)
      .catch((error: unknown) => {
        log.warn({ err: error, url }, 'the public keys of a vendor could not be had');
        return { set: one.kept?.set ?? '', untilMs: clock.now().getTime() + AGAIN_MS };
      })
      .then((kept) => {
        one.kept = kept;
        one.asking = undefined;
      });
    await one.asking;
  }
  return one.kept?.set ? [one.kept.set] : [];
}

async function ask({ outbound, clock }: Pick<World, 'outbound' | 'clock'>, url: string, keyOf: (text: string) => string): Promise<Kept> {
  const signal = AbortSignal.timeout(5_000);
  const answer = await outbound.request(url, { headers: { accept: 'application/json' }, responseBytesMax: BYTES_MAX, signal });
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
  const set = keyOf(Buffer.concat(chunks).toString('utf8'));
  const seconds = Number(/max-age=(\d{1,9})/.exec(String(answer.headers['cache-control'] ?? ''))?.[1] ?? 0);
  return { set, untilMs: clock.now().getTime() + Math.min(Math.max(seconds * 1000, AGE_MS_MIN), AGE_MS_MAX) };
}
