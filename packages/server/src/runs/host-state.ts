/** What a function keeps between runs: its checkpoint, and locks it shares with others. */
import type { CallsOf } from '@bowline/api/calls';
import { CallError } from '@bowline/api/protocol';
import { clearCheckpoint, getCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { RunContext } from './context.ts';
import { noteFlaws } from './end-crawl.ts';
import type { HostCalls } from './host-calls.ts';
import { fenced } from './lease.ts';
import { acquireLock, releaseLock, releaseLocks } from './lock.ts';

const ownerOf = ({ scope, connection }: RunContext) => ({ environmentId: scope.environment.id, connectionId: connection.id });
const lockOf = ({ scope, runId }: RunContext, key: string) => ({ environmentId: scope.environment.id, owner: `run:${runId}`, key });

/** A function that does not wait for its records before it says how far it is must not be believed before they are stored. */
async function written({ writing }: RunContext): Promise<void> {
  const ends = await Promise.allSettled(writing);
  if (ends.every(({ status }) => status === 'fulfilled')) return;
  throw new CallError({
    name: 'Error',
    code: 'records_not_saved',
    message: 'The checkpoint was left as it is, because records that were being saved before it could not be. Await them first.',
  });
}

export const stateCalls: HostCalls<CallsOf<'checkpoint' | 'lock'>> = {
  'checkpoint.get': async (context) => ({ value: await getCheckpoint(context.world.db, ownerOf(context), context.checkpointKey) }),
  'checkpoint.save': async (context, { checkpoint }) => {
    await noteFlaws(context);
    await written(context);
    context.checkpointKeys.add(context.checkpointKey);
    await fenced(context, ({ db }) => saveCheckpoint(db, ownerOf(context), context.checkpointKey, checkpoint));
    return {};
  },
  'checkpoint.clear': async (context) => {
    await written(context);
    context.checkpointKeys.add(context.checkpointKey);
    await fenced(context, ({ db }) => clearCheckpoint(db, ownerOf(context), context.checkpointKey));
    return {};
  },
  'lock.acquire': async (context, { key, ttlMs }) => {
    context.lockKeys.add(key);
    return { value: await fenced(context, ({ db }) => acquireLock(db, lockOf(context, key), ttlMs)) };
  },
  'lock.release': async (context, { key }) => ({
    value: await fenced(context, ({ db }) => releaseLock(db, lockOf(context, key))),
  }),
  'lock.releaseAll': async (context) => {
    await fenced(context, ({ db }) => releaseLocks(db, lockOf(context, '')));
    return {};
  },
};
