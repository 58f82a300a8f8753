/** Find providers as an environment sees them: its own, and those of the catalogue. Its own come first, so that a new one of the catalogue takes no name away. */
import { problem } from '@bowline/api/problem';
import type { Provider, ProviderDefinition } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { ownDefinition, providerOf } from './own.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
export type FoundProvider = { readonly provider: Provider; readonly own: boolean };

export async function lookProvider(
  { db, builtIns }: Pick<World, 'db' | 'builtIns'>,
  { environment }: InEnvironment,
  name: string,
): Promise<FoundProvider | undefined> {
  const row = await one<{ ownProvider: ProviderDefinition | null }>(
    db,
    sql`select ${ownDefinition(sql`${environment.id}::int`, sql`${name}::text`)} as own_provider`,
  );
  const ownProvider = row?.ownProvider ?? null;
  const provider = providerOf({ builtIns }, { provider: name, ownProvider });
  return provider && { provider, own: ownProvider !== null };
}

/** By name. */
export async function listProviders(
  { db, builtIns }: Pick<World, 'db' | 'builtIns'>,
  { environment }: InEnvironment,
): Promise<FoundProvider[]> {
  const rows = await many<{ name: string; definition: ProviderDefinition }>(
    db,
    sql`select name, definition from custom_providers where environment_id = ${environment.id}`,
  );
  const own = rows.map(({ name, definition }) => ({ provider: { ...definition, name }, own: true }));
  const taken = new Set(rows.map(({ name }) => name));
  const others = builtIns.list().filter(({ name }) => !taken.has(name));
  return [...own, ...others.map((provider) => ({ provider, own: false }))].sort((a, b) => (a.provider.name < b.provider.name ? -1 : 1));
}

/** As it was written. @throws unknown_provider_template */
export async function findSource(
  { db, builtIns }: Pick<World, 'db' | 'builtIns'>,
  { environment }: InEnvironment,
  name: string,
): Promise<{ source: string; updatedAt: Date }> {
  const row = await one<{ source: string; updatedAt: Date }>(
    db,
    sql`select source, updated_at from custom_providers where environment_id = ${environment.id} and name = ${name}`,
  );
  if (!row) throw notOwn({ builtIns }, name);
  return row;
}

export function notOwn({ builtIns }: Pick<World, 'builtIns'>, name: string) {
  const why = builtIns.get(name) ? 'is of the catalogue, not one of your own' : 'is no provider of this environment';
  return problem('unknown_provider_template', { message: `"${name}" ${why}` });
}

/** Keeps one that the environment defines itself from being deleted until the transaction ends. @returns whether it is there */
export async function holdOwn(tx: Database, { environment }: InEnvironment, name: string): Promise<boolean> {
  const row = await one(tx, sql`select 1 from custom_providers where environment_id = ${environment.id} and name = ${name} for key share`);
  return row !== undefined;
}
