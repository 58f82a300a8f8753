/**
 * What a run looks at just before it reaches out, where nothing can be undone, nor done in one transaction with its lease: that it is still this
 * process's, and that what it reaches through is as it was read last. One statement for both, and for all runs of the process that ask at about the
 * same time (decisions/059). It holds nothing: no more is left open than with any process that dies after it sent a request.
 */
import { sql } from 'kysely';
import { findWithIntegration, versionOfTarget, versionRead } from '../connections/find.ts';
import type { Target } from '../connections/target.ts';
import { gathered } from '../http/gather.ts';
import { wanted } from '../http/wanted.ts';
import type { RunContext } from './context.ts';
import { isHeld, leaseLost } from './lease.ts';

type Asked = {
  readonly environmentId: number;
  readonly connectionId: number;
  readonly run: number | null;
  readonly attempt: number | null;
};
type Standing = { readonly isOurs: boolean; readonly version: string | null };

const environmentId = sql`wanted.environment_id`;
const look = gathered<Asked, Standing>(
  (all) => sql<Standing & { place: number }>`
    select place::int, ${isHeld(environmentId, sql`wanted.run`, sql`wanted.attempt`)} as is_ours,
           ${versionOfTarget(environmentId, sql`wanted.connection_id`)} as version
      from ${wanted(all, [
        ['environment_id', 'int', (one) => one.environmentId],
        ['connection_id', 'int', (one) => one.connectionId],
        ['run', 'bigint', (one) => one.run],
        ['attempt', 'int', (one) => one.attempt],
      ])}`,
  ({ environmentId, connectionId, run, attempt }) => `${environmentId} ${connectionId} ${run} ${attempt}`,
);

/** @throws LeaseLostError */
async function ask({ world, connection, lease }: RunContext): Promise<Standing> {
  const { environmentId, id: connectionId } = connection;
  const asked = { environmentId, connectionId, run: lease?.id ?? null, attempt: lease?.attempt ?? null };
  const standing = (await look(world.db, asked)) ?? { isOurs: false, version: null };
  if (lease && !standing.isOurs) throw leaseLost(lease);
  return standing;
}

/** A run that leaves no row can be taken by nobody. @throws LeaseLostError */
export async function stillOurs(context: RunContext): Promise<void> {
  if (context.lease) await ask(context);
}

type Named = { readonly providerConfigKey?: string | undefined; readonly connectionId?: string | undefined };

/**
 * The connection it reaches through, its own unless another is named, as it is stored now: a refresh or new metadata takes effect within the run.
 * @throws LeaseLostError, unknown_provider_config, unknown_connection
 */
export async function reach(context: RunContext, named: Named): Promise<Target> {
  const { world, scope, connection, integration, last } = context;
  const name = {
    providerConfigKey: named.providerConfigKey ?? integration.uniqueKey,
    connectionId: named.connectionId ?? connection.connectionId,
  };
  if (name.providerConfigKey !== integration.uniqueKey || name.connectionId !== connection.connectionId) {
    await stillOurs(context);
    return findWithIntegration(world, scope, name);
  }
  const { version } = await ask(context);
  last.target ??= { connection, integration };
  if (version === null || version !== versionRead(last.target)) last.target = await findWithIntegration(world, scope, name);
  return last.target;
}
