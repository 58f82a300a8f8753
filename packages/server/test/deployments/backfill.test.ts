/** The migration to a history, on a database that has functions from before. */
import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { migrate } from '../../src/base/migrate.ts';
import { freshDatabase } from '../postgres.ts';

test('what was deployed before there was a history is the first versions of it, deleted functions included', async () => {
  const { pool } = await freshDatabase({ empty: true });
  const log = createLog('fatal');
  const all = fileURLToPath(new URL('../../migrations', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'bowline-backfill-'));
  const files = readdirSync(all);
  const add = (names: string[]) => {
    for (const name of names) cpSync(join(all, name), join(folder, name));
  };
  add(files.filter((name) => name < '015'));
  await migrate(pool, { log, folder });
  await pool.query(`insert into accounts (name) values ('a')`);
  await pool.query(`insert into environments (account_id, name) select id, 'dev' from accounts`);
  await pool.query(`insert into integrations (environment_id, unique_key, provider) select id, 'k', 'github' from environments`);
  for (const deletedAt of ['now()', 'null'])
    await pool.query(`insert into functions (environment_id, integration_id, type, name, version, source, config, code_hash, deleted_at)
      select environment_id, id, 'sync', 'f', '1', 'repo', '{"models":[]}', '\\x00', ${deletedAt} from integrations`);
  add(files.filter((name) => name >= '015'));
  await migrate(pool, { log, folder });
  const { rows } = await pool.query(
    `select f.deleted_at is null as alive, v.number, c.change from functions f join function_versions v on v.id=f.version_id left join deployment_changes c on c.version_id=v.id order by v.number`,
  );
  expect(rows).toEqual([
    { alive: false, number: 1, change: null },
    { alive: true, number: 2, change: 'created' },
  ]);
});
