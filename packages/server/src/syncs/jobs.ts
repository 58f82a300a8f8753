/** The jobs of syncs, and what they do when others tell news. */
import type { Listener } from '../events/dispatch.ts';
import { findEnvironment } from '../environments/find.ts';
import { internalScope } from '../http/scope.ts';
import { findConnectionById } from '../connections/find.ts';
import type { Handler } from '../queue/task.ts';
import { deleteCheckpoints } from '../runs/checkpoint.ts';
import type { RunWorld } from '../runs/context.ts';
import { deleteStreams } from '../records/empty.ts';
import { ensureSyncs } from './ensure.ts';
import { listSyncs } from './find.ts';
import { runSync } from './run.ts';
import { removeSyncs } from './variant.ts';

export const runSyncJob = (world: RunWorld): Handler<'sync-run'> => ({ runId }, { signal }) => runSync(world, runId, signal);
