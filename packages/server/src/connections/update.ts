/** Change whom a connection belongs to, its tags or its webhook address. */
import type { EndUser } from '@bowline/api/fields';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { refuseAddress } from '../environments/webhook-address.ts';
import type { Scope } from '../http/scope.ts';
import type { Connection } from './connection.ts';
import { tagsOf } from './tags.ts';

export type ConnectionChange = {
  end_user?: EndUser | undefined;
  tags?: Record<string, string> | undefined;
  webhook_url_override?: string | undefined;
};

/** Tags are replaced by those of the end user and those given, when either is given; '' clears the webhook address. @throws invalid_body for one that may not be called */
export async function updateConnection(
  world: Pick<World, 'db' | 'config' | 'outbound'>,
  scope: Scope,
  connection: Connection,
  change: ConnectionChange,
): Promise<void> {
  await refuseAddress(world, { url: change.webhook_url_override ?? '', path: ['webhook_url_override'] });
  const endUser = change.end_user ? { ...change.end_user, organization: connection.endUser?.organization } : connection.endUser;
  const tags = change.tags || change.end_user ? { ...tagsOf(endUser ?? undefined), ...change.tags } : connection.tags;
  const url = change.webhook_url_override === undefined ? connection.webhookUrlOverride : change.webhook_url_override || null;
  await run(
    world.db,
    sql`update connections
           set end_user = ${endUser && JSON.stringify(endUser)}::jsonb, tags = ${JSON.stringify(tags)}::jsonb, webhook_url_override = ${url}, updated_at = now()
         where environment_id = ${scope.environment.id} and id = ${connection.id} and deleted_at is null`,
  );
}
