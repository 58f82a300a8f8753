/** What a function keeps between runs: its checkpoint, and locks it shares with others. */
import type { CallsOf } from '@bowline/api/calls';
import { clearCheckpoint, getCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { RunContext } from './context.ts';
import { noteFlaws } from './end-crawl.ts';
import type { HostCalls } from './host-calls.ts';
import { acquireLock, releaseLock, releaseLocks } from './lock.ts';

const ownerOf = ({ scope, connection }: RunContext) => ({ environmentId: scope.environment.id, connectionId: connection.id });
const lockOf = ({ scope, runId }: RunContext, key: string) => ({ environmentId: scope.environment.id, owner: `run:${runId}`, key });

export const stateCalls: HostCalls<CallsOf<'checkpoint' | 'lock'>> = {
  'checkpoint.get': async (context) => ({ value: await getCheckpoint(context.world.db, ownerOf(context), context.checkpointKey) }),
  'checkpoint.save': async (context, { checkpoint }) => {
    await noteFlaws(context);
    await saveCheckpoint(context.world.db, { ...ownerOf(context), runId: context.runId }, context.checkpointKey, checkpoint);
    return {};
  },
  'checkpoint.clear': async (context) => {
    await clearCheckpoint(context.world.db, ownerOf(context), context.checkpointKey);
    return {};
  },
  'lock.acquire': async (context, { key, ttlMs }) => ({ value: await acquireLock(context.world.db, lockOf(context, key), ttlMs) }),
  'lock.release': async (context, { key }) => ({ value: await releaseLock(context.world.db, lockOf(context, key)) }),
  'lock.releaseAll': async (context) => {
    await releaseLocks(context.world.db, lockOf(context, ''));
    return {};
  },
};
