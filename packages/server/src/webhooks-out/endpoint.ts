/** An endpoint: where deliveries go. People make their own; one that is a `setting` stands for an address of the environment or of a connection. */
import { type RawBuilder, sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Place } from '../vault/sealed.ts';

/** Secrets of endpoints; the one before shares its place. */
export const secretPlace = ({ environmentId, id }: { environmentId: number; id: string }): Place => ({
  environmentId,
  context: `webhook-endpoint:${id}`,
});

/** One that may want an event. */
export type Wanting = {
  readonly id: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly integrations: readonly string[] | null;
  readonly isOrdered: boolean;
};

export function listWanting(db: Database, environmentId: number): Promise<Wanting[]> {
  return many<Wanting>(
    db,
    sql`select id, url, types, integrations, is_ordered from webhook_endpoints
         where environment_id = ${environmentId} and kind = 'own' and is_enabled order by created_at, id`,
  );
}

/** As a condition of a larger statement. */
export const hasEndpoint = (environmentId: RawBuilder<unknown>) =>
  sql`exists (select from webhook_endpoints where environment_id = ${environmentId} and kind = 'own' and is_enabled)`;

/** The endpoints that stand for these addresses, made where there are none yet. */
export async function endpointsOfSettings(
  tx: Database,
  environmentId: number,
  urls: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  if (urls.size === 0) return new Map();
  const look = () =>
    many<{ id: string; url: string }>(
      tx,
      sql`select id, url from webhook_endpoints where environment_id = ${environmentId} and kind = 'setting' and url = any(${[...urls]}::text[])`,
    );
  let rows = await look();
  if (rows.length < urls.size) {
    await run(
      tx,
      sql`insert into webhook_endpoints (environment_id, kind, url) select ${environmentId}::int, 'setting', url from unnest(${[...urls]}::text[]) as wanted(url)
          on conflict do nothing`,
    );
    rows = await look();
  }
  return new Map(rows.map(({ id, url }) => [url, id]));
}
