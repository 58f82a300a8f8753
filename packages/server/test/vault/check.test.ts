import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/base/config.ts';
import { many, run } from '../../src/base/database.ts';
import { runKeys } from '../../src/keys.ts';
import { start } from '../../src/main.ts';
import { encrypt } from '../../src/vault/sealed.ts';
import { freePort } from '../platform.ts';
import { freshDatabase, type TestDatabase } from '../postgres.ts';

const key = () => randomBytes(32);
const ring = (...keys: Buffer[]) => keys.map((one, index) => `${keys.length - index}:${one.toString('base64')}`).join(',');
/** As a URL, for a whole server and for the command. */
function urlOf({ target }: TestDatabase): string {
  if (typeof target === 'string') return target;
  return `postgres:///${target.database}?host=${encodeURIComponent(target.host)}&user=${target.user}`;
}

async function environmentOf(database: TestDatabase, more: Record<string, string>): Promise<Record<string, string>> {
  return {
    BOWLINE_HOME: mkdtempSync(join(tmpdir(), 'bowline-check-')),
    DATABASE_URL: urlOf(database),
    PORT: String(await freePort()),
    BOWLINE_LOG_LEVEL: 'silent',
    BOWLINE_ADMIN_PASSWORD: 'correct horse',
    ...more,
  };
}
const refusal = (env: Record<string, string>) =>
  start({ env }).then(
    async (running) => {
      await running.stop();
      return 'it started';
    },
    (error: unknown) => (error instanceof ConfigError ? error.message : String(error)),
  );

test('a wrong or missing key stops the start with what to do, before anything is written, and the right one starts it again', async () => {
  const database = await freshDatabase({ empty: true });
  const [right, wrong] = [key(), key()];
  const env = await environmentOf(database, { BOWLINE_ENCRYPTION_KEY: ring(right) });
  await (await start({ env })).stop();
  const written = async () =>
    JSON.stringify([
      await many(database.db, sql`select name from migrations order by 1`),
      await many(database.db, sql`select id, wrapped from data_keys order by id`),
      await many(database.db, sql`select id, secret_sealed from api_keys order by id`),
    ]);
  const before = await written();
  expect(await refusal({ ...env, BOWLINE_ENCRYPTION_KEY: ring(wrong) })).toMatch(/do not fit this database, and nothing was changed/);
  const message = await refusal({ ...env, BOWLINE_ENCRYPTION_KEY: '' });
  expect(message).toContain('wrapped with master key 1, which');
  expect(message).toContain('encryption.key');
  expect(existsSync(join(env.BOWLINE_HOME ?? '', 'encryption.key'))).toBe(false);
  expect(await written()).toBe(before);
  await (await start({ env: { ...env, BOWLINE_ENCRYPTION_KEY: ring(wrong, right) } })).stop();
});

test('so does a missing key of values from before there were data keys', async () => {
  const database = await freshDatabase({ empty: true });
  const [old, other] = [key(), key()];
  const env = await environmentOf(database, { BOWLINE_ENCRYPTION_KEY: ring(old) });
  await (await start({ env })).stop();
  const sealed = encrypt({ form: 1, keyId: 9 }, old, { context: 'signing-key:1', plaintext: Buffer.from('v') });
  await run(database.db, sql`update environments set signing_key_sealed = ${sealed} where id = 1`);
  expect(await refusal(env)).toContain('environments.signing_key_sealed are sealed with key 9, which is not there');
  expect(await refusal({ ...env, BOWLINE_ENCRYPTION_KEY: `1:${old.toString('base64')},9:${other.toString('base64')}` })).toContain(
    'a value of signing-key:1 does not open with key 9',
  );
});

test('the command rotates the key in the file while the platform runs on its own Postgres, which reads on without a restart', async () => {
  const home = mkdtempSync(join(tmpdir(), 'bowline-keys-'));
  const env = { BOWLINE_HOME: home, PORT: String(await freePort()), BOWLINE_LOG_LEVEL: 'silent', BOWLINE_ADMIN_PASSWORD: 'correct horse' };
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const running = await start({ env });
  try {
    const first = readFileSync(join(home, 'encryption.key'), 'utf8').trim();
    const call = (path: string) => fetch(running.url + path, { headers: { authorization: `Bearer ${running.apiKey}` } });
    const variables = async () => (await call('/environment-variables')).status;
    expect(await variables()).toBe(200);
    expect(await runKeys(['rotate', '--json'], { env, print })).toBe(0);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ step: 'end', wrappedBy: 'local:2', needed: ['local:2'], unreadable: [] });
    const second = readFileSync(join(home, 'encryption.key'), 'utf8').trim();
    expect(second).toMatch(new RegExp(`^2:[\\w+/=]{44},1:${first.replace(/[+/]/g, '\\$&')}$`));
    // The platform has never heard of key 2, and is asked for what is sealed under it.
    expect(await variables()).toBe(200);
    expect(lines.join('\n')).not.toContain(first);
    expect(await runKeys(['status'], { env, print })).toBe(0);
    expect(lines.at(-1)).toContain('Needed: local:2.');
    // The old key is taken out of the file.
    writeFileSync(join(home, 'encryption.key'), second.split(',')[0] ?? '');
  } finally {
    await running.stop();
  }
  const again = await start({ env });
  expect(again.apiKey).toBe(running.apiKey);
  await again.stop();
  expect(readdirSync(home)).not.toContain('lock');
  rmSync(home, { recursive: true, force: true });
});

test('the command without one of its commands says how it is used', async () => {
  const lines: string[] = [];
  for (const args of [[], ['destroy'], ['rotate', '--nonsense'], ['rotate', 'twice']]) {
    expect(await runKeys(args, { env: {}, print: (line) => void lines.push(line) })).toBe(2);
  }
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain('npm run keys -- <command>');
});
