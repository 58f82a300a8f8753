/**
 * Checkpoints and locks. A checkpoint is saved only after every record write before it was acknowledged, awaited by the author or not,
 * because a checkpoint ahead of its records loses data. A read that fails throws; "no checkpoint" means there is none.
 */
import type { Port } from './port.ts';
import type { Writes } from './records.ts';

type Scalar = string | number | boolean;

export function createCheckpoint(port: Port, writes: Writes) {
  return {
    getCheckpoint: () => port.ask('checkpoint.get', {}),
    saveCheckpoint: async (checkpoint: Record<string, unknown>) => {
      const flat = flattened(checkpoint);
      await writes.settled();
      await port.ask('checkpoint.save', { checkpoint: flat });
    },
    clearCheckpoint: async () => {
      await writes.settled();
      await port.ask('checkpoint.clear', {});
    },
  };
}

export function createLocks(port: Port) {
  return {
    tryAcquireLock: ({ key, ttlMs }: { key: string; ttlMs: number }) => port.ask('lock.acquire', { key, ttlMs }),
    releaseLock: ({ key }: { key: string }) => port.ask('lock.release', { key }),
    releaseAllLocks: async () => void (await port.ask('lock.releaseAll', {})),
  };
}

function flattened(checkpoint: Record<string, unknown>): Record<string, Scalar> {
  if (typeof checkpoint !== 'object' || checkpoint === null || Array.isArray(checkpoint)) throw new Error('A checkpoint is a flat object.');
  const fields = Object.entries(checkpoint).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields.map(([key, value]) => [key, scalar(key, value)]));
}

function scalar(key: string, value: unknown): Scalar {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw new Error(
    `Checkpoint field '${key}' is ${value === null ? 'null' : typeof value}; only strings, finite numbers and booleans can be kept.`,
  );
}
