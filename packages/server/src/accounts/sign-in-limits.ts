/** Slows down guessing of passwords: counts sign-ins under way and failed, per minute, in the memory of one process. */
import { problem } from '@bowline/api/problem';
import { LRUCache } from 'lru-cache';
import { bounded } from '../base/bounded.ts';
import type { World } from '../base/world.ts';

export type SignInLimits = {
  /**
   * Counts an attempt before its password is looked at, so that parallel ones count too.
   * @returns to be called when the password was right
   * @throws too_many_sign_ins
   */
  attempt(email: string, ip: string): () => void;
};

const WINDOW_MS = 60_000;
/**
 * Ten guesses a minute for a person. The others bound what somebody with many names, or many addresses
 * (X-Forwarded-For can be forged when no proxy stands before us), can try or make us compute.
 */
const limits = [
  { max: 10, key: (email: string, ip: string) => `${email} ${ip}` },
  { max: 50, key: (_email: string, ip: string) => `ip ${ip}` },
  { max: 100, key: (email: string) => `email ${email}` },
];
const NAMES_MAX = 100_000;

export function createSignInLimits({ clock }: Pick<World, 'clock'>): SignInLimits {
  const perf = { now: () => clock.now().getTime() };
  const counts = new LRUCache<string, { value: number }>({ ...bounded(NAMES_MAX), ttl: WINDOW_MS, ttlResolution: 0, perf });
  return {
    attempt(email, ip) {
      const counters = limits.map(({ max, key }) => ({ max, name: key(email.trim().toLowerCase(), ip) }));
      if (counters.some(({ max, name }) => (counts.get(name)?.value ?? 0) >= max)) throw problem('too_many_sign_ins', { payload: {} });
      for (const { name } of counters) {
        const count = counts.get(name);
        if (count) count.value += 1;
        else counts.set(name, { value: 1 });
      }
      return () => {
        for (const { name } of counters) {
          const count = counts.get(name);
          if (count && count.value > 0) count.value -= 1;
        }
      };
    },
  };
}
