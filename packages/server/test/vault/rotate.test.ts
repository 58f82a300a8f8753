import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { many, only, run } from '../../src/base/database.ts';
import { saveConnection } from '../../src/connections/save.ts';
import { listVariables, replaceVariables } from '../../src/environments/variables.ts';
import { findIntegration } from '../../src/integrations/find.ts';
import { sealedColumns } from '../../src/keys.ts';
import { rotateKeys } from '../../src/vault/rotate.ts';
import { seal } from '../../src/vault/seal.ts';
import { VaultError } from '../../src/vault/sealed.ts';
import { keyStatus } from '../../src/vault/status.ts';
import { localWrapper } from '../../src/vault/wrapper.ts';
import { bundle, start } from '../base/process.ts';
import { createIntegrations } from '../connections/fixture.ts';
import { keyringOf, masterKeys } from '../keyring.ts';
import { startPlatform } from '../platform.ts';
import { busyPerson, plantConnections, readConnection } from './rotating.ts';

const [old, fresh] = [randomBytes(32), randomBytes(32)];
const both = masterKeys([1, old], [2, fresh]); // what the processes have that still work: the old one wraps
const COUNT = 1_200;

async function platformWith(count: number) {
  const platform = await startPlatform({ worker: false, env: { BOWLINE_ENCRYPTION_KEY: `1:${old.toString('base64')}` } });
  await createIntegrations(platform);
  const { db } = platform.database;
  const scope = await platform.scopeOf('dev');
  const world = { ...platform.world, db, keyring: keyringOf(db, both, { sealingMs: 200 }) };
  await plantConnections(world, scope, { count, master: [1, old] });
  await replaceVariables(world, scope.environment.id, [
    { name: 'A', value: 'one' },
    { name: 'B\'\\ "x', value: 'two' },
  ]);
  await platform.call('POST', '/connect/sessions', {
    end_user: { id: 'u' },
    integrations_config_defaults: { key: { connection_config: { a: 'b' } } },
  });
  return { platform, db, scope, world };
}
const rotating = (db: Parameters<typeof rotateKeys>[0]['db'], master = masterKeys([2, fresh], [1, old])) => ({
  db,
  master,
  wrappers: [localWrapper(master)] as const,
  columns: sealedColumns,
});

test('every column of the schema that holds sealed values takes part in a rotation', async () => {
  const { platform } = await platformWith(0);
  const rows = await many<{ name: string }>(
    platform.database.db,
    sql`select table_name || '.' || column_name as name from information_schema.columns
         where table_schema = 'public' and data_type = 'bytea' and column_name ~ 'sealed'`,
  );
  expect(sealedColumns.map(({ name }) => name).sort()).toEqual(rows.map(({ name }) => name).sort());
  await platform.stop();
});

test('killed at every step while people write and read, a rotation loses nothing, leaves nothing under the old key, and that key can go', async () => {
  const { platform, db, scope, world } = await platformWith(COUNT);
  const file = await bundle(new URL('./fixtures/rotate.ts', import.meta.url));
  const people = Array.from({ length: 4 }, (_, index) =>
    busyPerson(world, keyringOf(db, both, { sealingMs: 200 }), { scope, connectionId: `c-${index * 300}` }),
  );
  const keys = `${fresh.toString('hex')},${old.toString('hex')}`;
  const target = JSON.stringify(platform.database.target);
  for (const [step, seen] of [['begin'], ['wrap'], ['replace'], ['seal', '200'], ['seal', '800'], ['wait']]) {
    const { exited, stderr } = await start(file, [target, keys, step ?? '', seen ?? '']);
    expect([await exited, stderr()]).toEqual([[null, 'SIGKILL'], '']);
    if (seen === '800') {
      const { values, rotatingSince } = await keyStatus(world, sealedColumns);
      expect(rotatingSince).not.toBe(null);
      expect(values['data key']).toBeGreaterThan(700);
      expect(values['local:1']).toBeGreaterThan(100);
    }
  }
  const { line, stderr } = await start(file, [target, keys, 'none']);
  expect(stderr()).toBe('');
  expect(JSON.parse(line)).toMatchObject({ wrappedBy: 'local:2', unreadable: [], destroyed: 0 });
  const saved = await Promise.all(people.map((person) => person.stop()));
  expect(Math.min(...saved)).toBeGreaterThan(10);

  const status = await keyStatus(world, sealedColumns);
  expect(status).toMatchObject({ needed: ['local:2'], rotatingSince: null });
  expect(Object.keys(status.values)).toEqual(['data key']);
  // One data key an environment was made, however often it was killed.
  const made = await many<{ made: number }>(db, sql`select count(*) as made from data_keys group by environment_id`);
  expect(Math.max(...made.map((row) => row.made))).toBe(2);

  // The old key is gone: whoever has the new one alone reads everything.
  const later = { ...world, keyring: keyringOf(db, masterKeys([2, fresh])) };
  for (const [index, count] of saved.entries()) expect(await readConnection(later, scope, `c-${index * 300}`)).toBe(count);
  for (let index = 1; index < COUNT; index += 7) {
    if (index % 300 !== 0) expect(await readConnection(later, scope, `c-${index}`)).toBe(0);
  }
  expect(await listVariables(later, scope.environment.id)).toEqual([
    { name: 'A', value: 'one' },
    { name: 'B\'\\ "x', value: 'two' },
  ]);
  await platform.stop();
}, 240_000);

test('values that do not open are named, without what is in them, and stay as they are', async () => {
  const { platform, db, scope, world } = await platformWith(20);
  const place = { environmentId: scope.environment.id, context: 'elsewhere' };
  const wrong = await seal(world.keyring, place, 'canary');
  await run(
    db,
    sql`update connections set credentials_sealed = ${wrong} where environment_id = ${scope.environment.id} and connection_id = 'c-7'`,
  );
  const rotated = await rotateKeys(rotating(db), { graceMs: 300 });
  expect(rotated.unreadable).toHaveLength(1);
  expect(rotated.unreadable[0]).toMatch(/^connections\.credentials_sealed \[\d+\]: a value of connection:\d+:\d+ does not open/);
  const { same } = await only<{ same: boolean }>(
    db,
    sql`select credentials_sealed = ${wrong} as same from connections where environment_id = ${scope.environment.id} and connection_id = 'c-7'`,
  );
  expect(same).toBe(true);
  await platform.stop();
});

test('retired data keys go with the first rotation that comes an hour later and finds nothing under them', async () => {
  const { platform, db, scope, world } = await platformWith(4);
  const count = async () => (await only<{ count: number }>(db, sql`select count(*) from data_keys`)).count;
  const before = await count();
  expect(await rotateKeys(rotating(db), { graceMs: 300 })).toMatchObject({ removed: 0, replaced: before });
  expect(await count()).toBe(2 * before);
  await run(db, sql`update data_keys set retired_at = now() - interval '2 hours' where retired_at is not null`);
  expect(await rotateKeys(rotating(db), { graceMs: 300 })).toMatchObject({ removed: before, replaced: before });
  expect(await count()).toBe(2 * before);
  expect(await readConnection({ ...world, keyring: keyringOf(db, masterKeys([2, fresh])) }, scope, 'c-1')).toBe(0);
  await platform.stop();
});

test('what somebody saves between the reading of a row and its sealing wins', async () => {
  const { platform, db, scope, world } = await platformWith(3);
  const integration = await findIntegration(world, scope, 'key');
  let saved = 0;
  // Once: a later save would hide that this one was lost.
  const overtaken = sealedColumns.map((column) => ({
    ...column,
    after: async (...given: Parameters<typeof column.after>) => {
      const rows = await column.after(...given);
      if (column.name !== 'connections.credentials_sealed' || saved > 0) return rows;
      const credentials = { type: 'API_KEY', apiKey: `c-1 ${++saved}` } as const;
      await saveConnection(world, scope, { integration, authMode: 'API_KEY', connectionId: 'c-1', credentials });
      return rows;
    },
  }));
  await rotateKeys({ ...rotating(db), columns: overtaken }, { graceMs: 300 });
  expect(await readConnection({ ...world, keyring: keyringOf(db, masterKeys([2, fresh])) }, scope, 'c-1')).toBe(1);
  await platform.stop();
});

test('two rotations at once: the second one says so', async () => {
  const { platform, db } = await platformWith(0);
  let begun = () => {};
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const first = rotateKeys(rotating(db), { graceMs: 500, report: () => begun() });
  await started;
  await expect(rotateKeys(rotating(db), { graceMs: 0 })).rejects.toThrow(/another rotation is under way/);
  await expect(first).resolves.toMatchObject({ unreadable: [] });
  await platform.stop();
});

test('an environment that is deleted stays unreadable through a rotation, in backups of its rows too', async () => {
  const { platform, db, world } = await platformWith(2);
  const accountKey = await platform.accountKeyOf();
  const asAccount = { authorization: `Bearer ${accountKey}` };
  const { body } = await platform.call('POST', '/environments', { name: 'doomed' }, asAccount);
  const id: number = body.data.id;
  await replaceVariables(world, id, [{ name: 'A', value: 'canary' }]);
  const { valueSealed } = await only<{ valueSealed: Buffer }>(
    db,
    sql`select value_sealed from environment_variables where environment_id = ${id}`,
  );
  expect((await platform.call('DELETE', `/environments/${id}`, undefined, asAccount)).status).toBeLessThan(300);
  // Somebody restores the row from a backup.
  await run(db, sql`insert into environment_variables (environment_id, name, value_sealed) values (${id}, 'A', ${valueSealed})`);
  const later = { ...world, keyring: keyringOf(db, both) };
  await expect(listVariables(later, id)).rejects.toThrow(VaultError);
  expect(await rotateKeys(rotating(db), { graceMs: 300 })).toMatchObject({ destroyed: 1, unreadable: [] });
  await expect(listVariables({ ...world, keyring: keyringOf(db, both) }, id)).rejects.toThrow(/destroyed/);
  await platform.stop();
});
