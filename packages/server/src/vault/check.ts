/** Whether the configured keys open what the database holds: asked at the start, before anything is written. */
import { sql } from 'kysely';
import { ConfigError } from '../base/config.ts';
import { many, only } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { SealedColumn } from './column.ts';
import type { Keys } from './configure.ts';
import { type Row, unwrap, wrapContext } from './data-keys.ts';
import { decrypt, forms, headerOf, VaultError } from './sealed.ts';

type Checking = Pick<World, 'db'> & Pick<Keys, 'master' | 'wrappers'> & { readonly columns: readonly SealedColumn[] };

/** @throws ConfigError saying which key is missing or wrong, and where it is looked for */
export async function checkKeys(world: Checking): Promise<void> {
  try {
    await tryService(world);
    if (await exists(world, 'data_keys')) await tryDataKeys(world);
    for (const column of world.columns) await tryMaster(world, column);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new ConfigError([
      `The encryption keys do not fit this database, and nothing was changed: ${error.message}. Keys are read from ${world.master.source}`,
    ]);
  }
}

async function exists({ db }: Checking, table: string): Promise<boolean> {
  return (await only<{ found: boolean }>(db, sql`select to_regclass(${table}) is not null as found`)).found;
}

/** A key service must wrap and unwrap; the local keys are not asked, for that would make their file. */
async function tryService({ wrappers: [wrapper] }: Checking): Promise<void> {
  if (wrapper.kind === 'local') return;
  const probe = Buffer.alloc(32, 1);
  const back = await wrapper.unwrap(await wrapper.wrap(probe, wrapContext(null)), wrapContext(null));
  if (!back.equals(probe)) throw new VaultError('the key service does not give back what it was given');
}

/** One of each key that wraps. */
async function tryDataKeys({ db, wrappers }: Checking): Promise<void> {
  const rows = await many<Row>(
    db,
    sql`select distinct on (wrapped_by) id, environment_id, wrapped, wrapped_by from data_keys where wrapped is not null order by wrapped_by, id desc`,
  );
  for (const row of rows) await unwrap(wrappers, row);
}

/** Values from before there were data keys, where the oldest or the newest is one. */
async function tryMaster(world: Checking, { name, ends }: SealedColumn): Promise<void> {
  const [table = '', column = ''] = name.split('.');
  const { found } = await only<{ found: boolean }>(
    world.db,
    sql`select exists(select from information_schema.columns where table_schema = current_schema() and table_name = ${table} and column_name = ${column}) as found`,
  );
  if (!found) return;
  for (const { sealed, place } of await ends(world.db)) {
    const { form, keyId } = headerOf(sealed);
    if (form !== forms.master) continue;
    const key = world.master.find(keyId);
    if (!key) throw new VaultError(`values of ${name} are sealed with key ${keyId}, which is not there`);
    decrypt(sealed, key, place.context);
  }
}
