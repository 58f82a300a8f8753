/** What the worker runs for connections: what a provider tells of new ones, the end of those whose environment was deleted. */
import type { World } from '../base/world.ts';
import type { Listener } from '../events/dispatch.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { Handler } from '../queue/task.ts';
import { askAfterConnecting } from './post-connection.ts';
import { purgeConnections } from './purge.ts';
import type { AccessWorld } from './target.ts';

/** A request let in before the environment was deleted may still save something; actions, the longest, take 15 minutes. */
const AGAIN_MS = 60 * 60_000;

export const purgeEnvironment =
  ({ clock }: Pick<World, 'clock'>): Listener<'environment.deleted'> =>
  async (tx, { environmentId }) => {
    const again = new Date(clock.now().getTime() + AGAIN_MS);
    await enqueue(tx, [
      { task: 'environment-purge', payload: { environmentId } },
      { task: 'environment-purge', payload: { environmentId }, runAt: again },
    ]);
  };

export const purgeEnvironmentJob =
  (world: Pick<World, 'db'>): Handler<'environment-purge'> =>
  ({ environmentId }, { signal }) =>
    purgeConnections(world, environmentId, signal);

export const postConnectionJob =
  (world: AccessWorld): Handler<'post-connection'> =>
  (payload, { signal }) =>
    askAfterConnecting(world, payload, signal);
