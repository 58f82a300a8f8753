/** Listen to the webhooks of an environment: say so, and read what is kept after a place. */
import type { ReceivedWebhook } from '@bowline/api/webhooks';
import { sql } from 'kysely';
import { many, only } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { open } from '../vault/open.ts';
import { type KeptContent, keptPlace } from './kept.ts';

export type Wanted = {
  /** Absent: from now on. */
  readonly after: number | undefined;
  /** Undefined: of all. */
  readonly integrationIds: readonly number[] | undefined;
};
export type Listening = { readonly after: number; readonly missed: number };

const PAGE = 20;

/** @throws unknown_provider_config */
export async function findIntegrationIds(
  world: Pick<World, 'db'>,
  scope: Scope,
  keys: readonly string[] | undefined,
): Promise<number[] | undefined> {
  return keys && Promise.all(keys.map(async (key) => (await findIntegration(world, scope, key)).id));
}

/** From here on webhooks are kept for an hour. @returns where to read on, and how much of what was asked for is gone */
export async function beginListening({ db }: Pick<World, 'db'>, { environment }: Scope, after: number | undefined): Promise<Listening> {
  const { lastId, oldest } = await only<{ lastId: number; oldest: number | null }>(
    db,
    sql`with listener as (
          insert into webhook_listeners (environment_id) values (${environment.id})
          on conflict (environment_id) do update set listened_at = now() returning last_id)
        select last_id, (select min(id) from kept_webhooks where environment_id = ${environment.id}) as oldest from listener`,
  );
  // A place that was never given out is of another database.
  if (after === undefined || after > lastId) return { after: lastId, missed: 0 };
  return { after, missed: Math.max(0, (oldest ?? lastId + 1) - 1 - after) };
}

/** @returns the oldest after the place, at most 20 */
export async function readKept(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { environment }: Scope,
  { after, integrationIds }: { readonly after: number; readonly integrationIds: Wanted['integrationIds'] },
): Promise<ReceivedWebhook[]> {
  const environmentId = environment.id;
  const rows = await many<{ id: number; sealed: Buffer; receivedAt: Date }>(
    db,
    sql`select id, sealed, received_at from kept_webhooks
         where environment_id = ${environmentId} and id > ${after}
           and (${integrationIds === undefined} or integration_id = any(${integrationIds ?? []}::int[]))
         order by id limit ${PAGE}`,
  );
  return Promise.all(
    rows.map(async ({ id, sealed, receivedAt }) => {
      // Parsing is left out: it is what `keep.ts` sealed.
      const content = JSON.parse(await open(keyring, keptPlace({ environmentId, id }), sealed)) as KeptContent;
      return { id: String(id), ...content, received_at: receivedAt.toISOString() };
    }),
  );
}
