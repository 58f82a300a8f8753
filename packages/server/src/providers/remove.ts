/** Remove a provider of an environment's own that nothing needs, or all of an environment that was deleted. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { notOwn } from './find.ts';
import { withOwn } from './rows.ts';
import type { UsesOf } from './uses.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

/** @throws unknown_provider_template, conflict while something uses or extends it */
export async function removeProvider(
  world: Pick<World, 'db' | 'builtIns'>,
  scope: InEnvironment,
  name: string,
  usesOf: UsesOf,
): Promise<void> {
  await withOwn(world.db, scope, async (tx, rows) => {
    // First, since whoever makes an integration of it holds the row until that is there to be seen.
    const removed = await run(tx, sql`delete from custom_providers where environment_id = ${scope.environment.id} and name = ${name}`);
    if (removed === 0) throw notOwn(world, name);
    const users = (await usesOf(tx, scope, [name])).map(({ uniqueKey }) => `the integration "${uniqueKey}"`);
    const heirs = [...rows.values()].filter(({ parent }) => parent === name).map((heir) => `the provider "${heir.name}", which extends it`);
    const needed = [...users, ...heirs];
    if (needed.length > 0)
      throw problem('conflict', { message: `"${name}" is needed by ${needed.join(', ')}; delete or change these first` });
  });
}

export async function removeProvidersOf(tx: Database, environmentId: number): Promise<void> {
  await run(tx, sql`delete from custom_providers where environment_id = ${environmentId}`);
}
