/** The providers of an environment's own as they are stored, for those who change them: one at a time in an environment. */
import type { ProviderDefinition } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
export type OwnRow = {
  readonly name: string;
  readonly parent: string | null;
  readonly source: string;
  readonly definition: ProviderDefinition;
};

/** Any number that is ours alone among advisory locks; with the environment's id it names the lock. */
const PROVIDERS_LOCK = 0x7072_6f76;

/** They refer to each other, so whoever changes one looks at all; others wait until the transaction ends. */
export function withOwn<T>(
  db: Database,
  { environment }: InEnvironment,
  work: (tx: Database, rows: ReadonlyMap<string, OwnRow>) => Promise<T>,
): Promise<T> {
  return transaction(db, async (tx) => {
    await run(tx, sql`select pg_advisory_xact_lock(${PROVIDERS_LOCK}::int, ${environment.id}::int)`);
    const rows = await many<OwnRow>(
      tx,
      sql`select name, parent, source, definition from custom_providers where environment_id = ${environment.id} order by name`,
    );
    return work(tx, new Map(rows.map((row) => [row.name, row])));
  });
}

/** Those that extend this one, and those that extend these, parents first. */
export function heirsOf(rows: ReadonlyMap<string, OwnRow>, name: string): OwnRow[] {
  const heirs = [...rows.values()].filter(({ parent }) => parent === name);
  return heirs.flatMap((heir) => [heir, ...heirsOf(rows, heir.name)]);
}
