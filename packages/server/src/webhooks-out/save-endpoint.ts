/** Make an endpoint, change it, or take it away. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { only, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { refuseAddress } from '../environments/webhook-address.ts';
import { publishLive } from '../http/live.ts';
import type { Scope } from '../http/scope.ts';
import { seal } from '../vault/seal.ts';
import { SEND_CHANNEL } from './delivery.ts';
import { secretPlace } from './endpoint.ts';
import { noEndpoint } from './find-endpoint.ts';
import { hurry } from './settle.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'random' | 'config' | 'outbound' | 'bus'>;
export type EndpointChange = {
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly integrations?: readonly string[] | null | undefined;
  readonly ordered?: boolean | undefined;
  readonly enabled?: boolean | undefined;
};

const ENDPOINTS_MAX = 100;
/** In bytes; base64 makes 43 characters of them, which are the key. */
const KEY_BYTES = 32;

/** A new key, as text. */
export const newKey = ({ random }: Pick<World, 'random'>): string => random.bytes(KEY_BYTES).toString('base64url');

/** @returns its id and its key. @throws invalid_body for an address that may not be reached, conflict when there are too many */
export async function createEndpoint(
  world: Needs,
  { environment }: Scope,
  wanted: Required<EndpointChange>,
): Promise<{ id: string; key: string }> {
  await refuseAddress(world, { url: wanted.url ?? '', path: ['url'] });
  const [id, key] = [world.random.uuid(), newKey(world)];
  const sealed = await seal(world.keyring, secretPlace({ environmentId: environment.id, id }), key);
  const made = await run(
    world.db,
    sql`insert into webhook_endpoints (id, environment_id, kind, url, description, types, integrations, is_ordered, is_enabled, secret_sealed)
        select ${id}::uuid, ${environment.id}::int, 'own', ${wanted.url}, ${wanted.description}, ${[...(wanted.events ?? [])]}::text[],
               ${wanted.integrations ? [...wanted.integrations] : null}::text[], ${wanted.ordered}::bool, ${wanted.enabled}::bool, ${sealed}
         where (select count(*) from webhook_endpoints where environment_id = ${environment.id} and kind = 'own') < ${ENDPOINTS_MAX}`,
  );
  if (made === 0)
    throw problem('conflict', { message: `An environment has at most ${ENDPOINTS_MAX} endpoints; delete one that is not used` });
  publishLive(world, environment.id, 'environment');
  return { id, key };
}

/** Changes what is given. Enabling lets go what waits. @throws not_found, invalid_body */
export async function updateEndpoint(
  world: Needs,
  { environment }: Scope,
  { id, change }: { id: string; change: EndpointChange },
): Promise<void> {
  if (change.url !== undefined) await refuseAddress(world, { url: change.url, path: ['url'] });
  const { url, description, events, integrations, ordered, enabled } = change;
  await transaction(world.db, async (tx) => {
    const changed = await run(
      tx,
      sql`update webhook_endpoints set
            url = coalesce(${url ?? null}, url),
            description = coalesce(${description ?? null}, description),
            types = coalesce(${events ? [...events] : null}::text[], types),
            integrations = case when ${integrations === undefined} then integrations else ${integrations ? [...integrations] : null}::text[] end,
            is_ordered = coalesce(${ordered ?? null}, is_ordered),
            is_enabled = coalesce(${enabled ?? null}, is_enabled),
            disabled_reason = case when ${enabled ?? false} then null else disabled_reason end,
            updated_at = now()
          where id = ${id}::uuid and environment_id = ${environment.id} and kind = 'own'`,
    );
    if (changed === 0) throw noEndpoint();
    if (enabled || url !== undefined) await letGo(world, environment.id, { tx, id });
  });
  publishLive(world, environment.id, 'environment');
}

/** Everything that waits for it is due. @throws not_found */
export async function resumeEndpoint(world: Pick<World, 'db' | 'bus'>, { environment }: Scope, id: string): Promise<void> {
  await transaction(world.db, async (tx) => {
    if ((await letGo(world, environment.id, { tx, id })) === 0) throw noEndpoint();
  });
  publishLive(world, environment.id, 'environment');
}

type Which = { readonly tx: World['db']; readonly id: string };

/** As if it had never failed, but for one delivery at a time to begin with. */
async function letGo({ bus }: Pick<World, 'bus'>, environmentId: number, { tx, id }: Which): Promise<number> {
  const found = await run(
    tx,
    sql`update webhook_endpoints set state = 'active', failures = 0, probes = 0, rest_until = null,
               slots = case when state = 'paused' then 1 else slots end, failing_since = null
         where id = ${id}::uuid and environment_id = ${environmentId}`,
  );
  if (found === 0) return 0;
  await hurry(tx, { id, environmentId });
  await bus.publish(SEND_CHANNEL, {}, tx);
  return found;
}

/** With all that went and is to go there. @throws not_found */
export async function deleteEndpoint(world: Pick<World, 'db' | 'bus'>, { environment }: Scope, id: string): Promise<void> {
  await transaction(world.db, async (tx) => {
    const gone = await run(
      tx,
      sql`delete from webhook_endpoints where id = ${id}::uuid and environment_id = ${environment.id} and kind = 'own'`,
    );
    if (gone === 0) throw noEndpoint();
    await run(
      tx,
      sql`with gone as (delete from webhook_deliveries where endpoint_id = ${id}::uuid and environment_id = ${environment.id} returning id)
          delete from webhook_attempts where environment_id = ${environment.id} and delivery_id in (select id from gone)`,
    );
  });
  publishLive(world, environment.id, 'environment');
}

/** Of the environment, so that nobody learns of another's. @returns the key, as text */
export async function replaceKey(
  world: Needs & Pick<World, 'clock'>,
  { environment }: Scope,
  { id, overlapHours }: { id: string; overlapHours: number },
): Promise<string> {
  const key = newKey(world);
  const sealed = await seal(world.keyring, secretPlace({ environmentId: environment.id, id }), key);
  const until = new Date(world.clock.now().getTime() + overlapHours * 3_600_000);
  const { replaced } = await only<{ replaced: number }>(
    world.db,
    sql`with changed as (
          update webhook_endpoints set secret_sealed = ${sealed}, updated_at = now(),
                 previous_secret_sealed = case when ${overlapHours}::float8 > 0 then secret_sealed end,
                 previous_secret_until = case when ${overlapHours}::float8 > 0 then ${until}::timestamptz end
           where id = ${id}::uuid and environment_id = ${environment.id} and kind = 'own' returning id)
        select count(*)::int as replaced from changed`,
  );
  if (replaced === 0) throw noEndpoint();
  return key;
}
