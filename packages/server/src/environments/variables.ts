/** The variables that functions of an environment can read; sealed, since they often hold secrets. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import { variablePlace } from './environment.ts';

export type Variable = { readonly name: string; readonly value: string };
type Needs = Pick<World, 'db' | 'keyring'>;

/** In the order of their names. */
export async function listVariables({ db, keyring }: Needs, environmentId: number): Promise<Variable[]> {
  const rows = await many<{ name: string; valueSealed: Buffer }>(
    db,
    sql`select name, value_sealed from environment_variables where environment_id = ${environmentId} order by name collate "C"`,
  );
  const opened = (name: string, sealed: Buffer) => open(keyring, variablePlace(environmentId, name), sealed);
  return Promise.all(rows.map(async ({ name, valueSealed }) => ({ name, value: await opened(name, valueSealed) })));
}

/** Afterwards the environment has exactly these. @throws invalid_body when a name comes twice */
export async function replaceVariables(world: Needs, environmentId: number, variables: readonly Variable[]): Promise<void> {
  const names = variables.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) {
    const error = { code: 'custom', message: `"${names[twice]}" comes twice`, path: ['variables', String(twice), 'name'] };
    throw problem('invalid_body', { errors: [error] });
  }
  await transaction(world.db, async (tx) => {
    await run(tx, sql`delete from environment_variables where environment_id = ${environmentId} and name <> all(${names}::text[])`);
    const sealed = await Promise.all(variables.map(({ name, value }) => seal(world.keyring, variablePlace(environmentId, name), value)));
    await run(
      tx,
      sql`insert into environment_variables (environment_id, name, value_sealed)
          select ${environmentId}, name, value from unnest(${names}::text[], ${sealed}::bytea[]) as given(name, value)
          on conflict (environment_id, name) do update set value_sealed = excluded.value_sealed`,
    );
  });
}
