/** A forwarded webhook: what a provider sent, as the app gets it. Stored once, sealed, for all its deliveries and for the feed. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import type { Place } from '../vault/sealed.ts';

export type Forwarded = {
  /** As it is sent. */
  readonly body: string;
  /** Sent besides our own, which win. */
  readonly headers: Readonly<Record<string, string>>;
};
type Named = { readonly environmentId: number; readonly id: string };

export const forwardedPlace = ({ environmentId, id }: Named): Place => ({ environmentId, context: `forwarded-webhook:${id}` });

type New = { readonly environmentId: number; readonly content: Forwarded; readonly at: Date };

/** @returns their ids, in the same order */
export async function storeForwarded(
  { keyring, random }: Pick<World, 'keyring' | 'random'>,
  tx: Database,
  contents: readonly New[],
): Promise<string[]> {
  const rows = await Promise.all(
    contents.map(async ({ environmentId, content: { body, headers }, at }) => {
      const id = random.uuid();
      return {
        id,
        environmentId,
        at,
        sealed: await seal(keyring, forwardedPlace({ environmentId, id }), JSON.stringify({ body, headers })),
      };
    }),
  );
  const ids = rows.map(({ id }) => id);
  await run(
    tx,
    sql`insert into forwarded_webhooks (id, environment_id, sealed, created_at)
        select * from unnest(${ids}::uuid[], ${rows.map((one) => one.environmentId)}::int[], ${rows.map(({ sealed }) => sealed)}::bytea[],
                             ${rows.map(({ at }) => at)}::timestamptz[])`,
  );
  return ids;
}

/** @throws VaultError when it does not open */
export async function openForwarded({ keyring }: Pick<World, 'keyring'>, named: Named, sealed: Buffer): Promise<Forwarded> {
  return JSON.parse(await open(keyring, forwardedPlace(named), sealed)) as Forwarded; // sealed by `storeForwarded`
}

/** Opened at once, but for the first, which may be longer: bodies have up to 25 MB. */
const BYTES_AT_ONCE_MAX = 8 * 1024 * 1024;

/** @returns those that are there, by their ids; null for what is too much for one time */
export async function readForwarded(
  world: Pick<World, 'db' | 'keyring'>,
  environmentId: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Forwarded | null>> {
  if (ids.length === 0) return new Map();
  const rows = await many<{ id: string; sealed: Buffer | null }>(
    world.db,
    sql`select s.id, case when s.before <= ${BYTES_AT_ONCE_MAX} then f.sealed end as sealed
          from (select f.id, coalesce(sum(length(f.sealed)) over (order by w.nth rows between unbounded preceding and 1 preceding), 0)
                       + case when w.nth = 1 then 0 else length(f.sealed) end as before
                  from unnest(${[...ids]}::uuid[]) with ordinality as w(id, nth) join forwarded_webhooks f on f.id = w.id
                 where f.environment_id = ${environmentId}) s
          join forwarded_webhooks f on f.id = s.id where f.environment_id = ${environmentId}`,
  );
  const opened = rows.map(async ({ id, sealed }) => [id, sealed && (await openForwarded(world, { environmentId, id }, sealed))] as const);
  return new Map(await Promise.all(opened));
}
