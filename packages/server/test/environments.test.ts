import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureAccount } from '../src/accounts/create.ts';
import { only, run } from '../src/base/database.ts';
import { listApiKeys } from '../src/environments/api-key.ts';
import { API_KEYS_CHANNEL } from '../src/environments/change-keys.ts';
import { applyConfigKeys } from '../src/environments/config-keys.ts';
import { createApiKey } from '../src/environments/create-api-key.ts';
import { findEnvironment, listEnvironments, lookEnvironment, lookEnvironmentByUuid } from '../src/environments/find.ts';
import { rotateSigningKey } from '../src/environments/rotate-signing-key.ts';
import { callbackUrl, webhookSettings } from '../src/environments/settings.ts';
import { internalScope } from '../src/http/scope.ts';
import { type Json, type Process, post, signedIn, startProcess } from './accounts-world.ts';
import { freshDatabase } from './postgres.ts';

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const env = { BOWLINE_ADMIN_PASSWORD: 'correct horse' };

const database = await freshDatabase();
let first: Process;
let second: Process;
let member: Awaited<ReturnType<typeof signedIn>>;
beforeAll(async () => {
  first = await startProcess(database, env);
  second = await startProcess(database, env);
  member = await signedIn(first);
});
afterAll(async () => {
  await first.close();
  await second.close();
});

const variables = async (process: Process, authorization?: string): Promise<[number, Json]> => {
  const response = await fetch(`${process.url}/environment-variables`, { headers: authorization === undefined ? {} : { authorization } });
  return [response.status, await response.json()];
};
const newKey = async (name: string, scopes?: string[]) => {
  const [status, key] = await member.call('POST', '/api/environment/api-keys', { display_name: name, ...(scopes ? { scopes } : {}) });
  expect(status).toBe(200);
  return key as { id: number; secret: string };
};
const environmentNamed = async (name: string) => {
  const environment = await lookEnvironment(first.world, member.accountId, name);
  if (!environment) throw new Error(`no environment ${name}`);
  return environment;
};

test.each([
  ['no header', undefined, 'missing_auth_header'],
  ['an empty header', '', 'malformed_auth_header'],
  ['no UUID', 'Bearer abc', 'invalid_secret_key_format'],
  ['a UUID of another version', 'Bearer 01234567-89ab-1def-8123-456789abcdef', 'invalid_secret_key_format'],
  ['a UUID of another variant', 'Bearer 01234567-89ab-4def-0123-456789abcdef', 'invalid_secret_key_format'],
  ['a lower-case bearer', 'bearer 01234567-89ab-4def-8123-456789abcdef', 'invalid_secret_key_format'],
  ['a connect session token', `Bearer nango_connect_session_${'a'.repeat(64)}`, 'invalid_secret_key_format'],
  ['a UUID that is no key', 'Bearer 01234567-89ab-4def-8123-456789abcdef', 'unknown_account'],
])('a request with %s is refused with its own code', async (_what, authorization, code) => {
  const [status, { error }] = await variables(first, authorization);
  expect([status, error.code, error.payload]).toEqual([401, code, {}]);
});

test('a key is accepted after the last "Bearer ", alone, and in any case', async () => {
  const { secret } = await newKey('forms');
  for (const header of [`Bearer ${secret}`, secret, `Bearer Bearer ${secret}`, `Bearer ${secret.toUpperCase()}`]) {
    expect((await variables(first, header))[0], header.replace(secret, '…')).toBe(200);
  }
});

test('a key without the scope is refused with the scope it lacks, one with it is not', async () => {
  const narrow = await newKey('records only', ['environment:records:*']);
  const [status, { error }] = await variables(first, `Bearer ${narrow.secret}`);
  expect([status, error.code]).toEqual([403, 'forbidden']);
  expect(error.message).toContain('environment:variables:read');
  const right = await newKey('variables only', ['environment:variables:read']);
  expect((await variables(first, `Bearer ${right.secret}`))[0]).toBe(200);
});

test('a scope that does not exist is refused', async () => {
  const [status, { error }] = await member.call('POST', '/api/environment/api-keys', { display_name: 'x', scopes: ['environment:all'] });
  expect([status, error.code, error.errors[0].path]).toEqual([400, 'invalid_body', ['scopes', '0']]);
});

test('a deleted key is refused by the process that deleted it when the deletion is answered, and by another one when it hears of it', async () => {
  const { id, secret } = await newKey('to delete');
  expect((await variables(first, `Bearer ${secret}`))[0]).toBe(200);
  expect((await variables(second, `Bearer ${secret}`))[0]).toBe(200); // now cached in both, and neither clock moves
  const heard = new Promise<void>((resolve) => second.world.bus.subscribe(API_KEYS_CHANNEL, () => resolve()));
  expect(await member.call('DELETE', `/api/environment/api-keys/${id}`)).toEqual([200, { success: true }]);
  expect((await variables(first, `Bearer ${secret}`))[1].error.code).toBe('unknown_account');
  await heard;
  expect((await variables(second, `Bearer ${secret}`))[1].error.code).toBe('unknown_account');
  expect((await member.call('DELETE', `/api/environment/api-keys/${id}`))[0]).toBe(404);
});

test('a key that was just used costs no query, and ten seconds later it is looked at again', async () => {
  const { id, secret } = await newKey('cached');
  // Making the key told every process to forget what it keeps; messages come in the order of their commits, so after this one that is done.
  await new Promise<void>((resolve) => {
    const stop = first.world.bus.subscribe('quiet', () => {
      stop();
      resolve();
    });
    void first.world.bus.publish('quiet', {});
  });
  expect((await variables(first, `Bearer ${secret}`))[0]).toBe(200);
  await run(database.db, sql`update api_keys set deleted_at = now() where id = ${id}`); // behind the back of the bus
  expect((await variables(first, `Bearer ${secret}`))[0]).toBe(200);
  first.advance(10_001);
  expect((await variables(first, `Bearer ${secret}`))[0]).toBe(401);
});

test('the time of use is stored at most once a minute', async () => {
  const { id, secret } = await newKey('timed');
  const used = async () =>
    (await only<{ at: Date | null }>(database.db, sql`select last_used_at as at from api_keys where id = ${id}`)).at?.getTime();
  await variables(first, `Bearer ${secret}`);
  await expect.poll(used).toBe(first.world.clock.now().getTime());
  const at = await used();
  first.advance(59_000);
  await variables(first, `Bearer ${secret}`);
  await variables(first, `Bearer ${secret}`);
  expect(await used()).toBe(at);
  first.advance(1_001);
  await variables(first, `Bearer ${secret}`);
  await expect.poll(used).toBe(first.world.clock.now().getTime());
});

test('a name is taken once in an environment, and free in another', async () => {
  await newKey('same name');
  const again = await member.call('POST', '/api/environment/api-keys', { display_name: 'same name' });
  expect([again[0], again[1].error.code]).toEqual([409, 'conflict']);
  expect((await member.call('POST', '/api/environment/api-keys', { display_name: 'same name' }, 'prod'))[0]).toBe(200);
});

test('an environment has at most 50 keys, also when they are asked for at once', async () => {
  const prod = internalScope(await environmentNamed('prod'));
  const before = (await listApiKeys(first.world, prod)).length;
  const attempts = Array.from({ length: 60 }, (_, n) => createApiKey(first.world, prod, { displayName: `key ${n}` }));
  const codes = (await Promise.allSettled(attempts)).flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  expect(codes).toEqual(Array.from({ length: 10 + before }, () => 'resource_capped'));
  expect(await listApiKeys(first.world, prod)).toHaveLength(50);
});

test("another environment's keys, variables and settings are not there", async () => {
  await member.call('PATCH', '/api/environment', { variables: [{ name: 'ONLY_DEV', value: 'secret' }] });
  const { id, secret } = await newKey('dev only');
  const [, prod] = await member.call('GET', '/api/environment', undefined, 'prod');
  expect(prod.variables).toEqual([]);
  expect(prod.api_keys.map((key: Json) => key.secret)).not.toContain(secret);
  expect((await member.call('DELETE', `/api/environment/api-keys/${id}`, undefined, 'prod'))[0]).toBe(404);
  const [, dev] = await member.call('GET', '/api/environment');
  expect(dev.api_keys.map((key: Json) => key.secret)).toContain(secret);
  expect(await variables(first, `Bearer ${secret}`)).toEqual([200, [{ name: 'ONLY_DEV', value: 'secret' }]]);
  expect(await variables(first, `Bearer ${prod.api_keys[0].secret}`)).toEqual([200, []]);
});

test('an environment comes with a default key and a signing key, and no secret is stored in the clear', async () => {
  const [, dev] = await member.call('GET', '/api/environment');
  expect(dev.api_keys[0]).toMatchObject({ display_name: 'Default', source: 'default', scopes: ['environment:*'] });
  expect(dev.api_keys[0].secret).toMatch(UUID_V4);
  expect(dev.webhook_signing_key).toMatch(UUID_V4);
  const { dump } = await only<{ dump: string }>(
    database.db,
    sql`select (select string_agg(e::text, ' ') from environments e) || (select string_agg(k::text, ' ') from api_keys k) as dump`,
  );
  for (const secret of [dev.api_keys[0].secret, dev.webhook_signing_key]) {
    expect(dump).not.toContain(secret);
    expect(dump).not.toContain(Buffer.from(secret).toString('hex')); // as Postgres shows bytes
  }
});

test('settings change one by one; what is not given stays', async () => {
  const webhooks = { primary_url: 'https://app.example.com/hooks', on_sync_error: false };
  const [status, changed] = await member.call('PATCH', '/api/environment', { webhooks, callback_url: 'https://app.example.com/back' });
  expect(status).toBe(200);
  expect(changed.webhooks).toMatchObject({ ...webhooks, secondary_url: '', on_auth_creation: true });
  await member.call('PATCH', '/api/environment', { webhooks: { secondary_url: 'https://b.example.com/' } });
  expect(changed.deletion_guard).toEqual({ percent: 50, records: 100 });
  const [, guarded] = await member.call('PATCH', '/api/environment', { deletion_guard: { percent: null, records: 5 } });
  expect(guarded).toMatchObject({ deletion_guard: { percent: null, records: 5 }, webhooks: { on_sync_error: false } });
  const { id } = await environmentNamed('dev');
  expect(await webhookSettings(first.world, id)).toMatchObject({
    name: 'dev',
    primaryUrl: 'https://app.example.com/hooks',
    secondaryUrl: 'https://b.example.com/',
    onSyncError: false,
    onAuthRefreshError: true,
    signingKey: changed.webhook_signing_key,
  });
  expect(await callbackUrl(first.world, id)).toBe('https://app.example.com/back');
  await member.call('PATCH', '/api/environment', { callback_url: 'http://localhost:3003/oauth/callback', webhooks: { primary_url: '' } });
  expect((await only<{ url: string }>(database.db, sql`select callback_url as url from environments where id = ${id}`)).url).toBe('');
  expect(await callbackUrl(first.world, id)).toBe('http://localhost:3003/oauth/callback');
  expect((await webhookSettings(first.world, id)).primaryUrl).toBe('');
});

test.each([
  [{ webhooks: { primary_url: 'http://localhost:3003/webhook' } }, ['webhooks', 'primary_url']],
  [{ webhooks: { secondary_url: 'http://127.0.0.1:3003/' } }, ['webhooks', 'secondary_url']],
  [{ webhooks: { primary_url: 'ftp://example.com' } }, ['webhooks', 'primary_url']],
  [{ deletion_guard: { percent: 0, records: 1 } }, ['deletion_guard', 'percent']],
  [{ variables: ['1', '2'].map((value) => ({ name: 'A', value })) }, ['variables', '1', 'name']],
])('settings that cannot be are refused and named: %j', async (body, path) => {
  const [status, { error }] = await member.call('PATCH', '/api/environment', body);
  expect([status, error.code, error.errors[0].path]).toEqual([400, 'invalid_body', path]);
});

test('variables are replaced as a whole', async () => {
  const list = (names: string[]) => names.map((name) => ({ name, value: `${name}!` }));
  await member.call('PATCH', '/api/environment', { variables: list(['B', 'A', 'C']) });
  const [, changed] = await member.call('PATCH', '/api/environment', { variables: [...list(['A']), { name: 'B', value: '' }] });
  expect(changed.variables).toEqual([...list(['A']), { name: 'B', value: '' }]);
  expect((await member.call('PATCH', '/api/environment', { variables: [] }))[1].variables).toEqual([]);
});

test('rotating the signing key replaces it, by API key and by member', async () => {
  const { secret } = await newKey('rotator', ['environment:webhook_signing_key:rotate']);
  const { id } = await environmentNamed('dev');
  const before = (await webhookSettings(first.world, id)).signingKey;
  const response = await fetch(`${first.url}/environment/webhook-signing-key/rotate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
  });
  const { data } = (await response.json()) as Json;
  expect(data.webhook_signing_key).toMatch(UUID_V4);
  expect(data.webhook_signing_key).not.toBe(before);
  expect((await webhookSettings(second.world, id)).signingKey).toBe(data.webhook_signing_key);
  const other = await environmentNamed('prod');
  const kept = (await webhookSettings(first.world, other.id)).signingKey;
  await rotateSigningKey(first.world, internalScope(await findEnvironment(first.world, id)), 0);
  expect((await webhookSettings(first.world, other.id)).signingKey).toBe(kept);
});

test('an environment is found by id, by name in its account, and by uuid in any case; anything else is nothing', async () => {
  const dev = await environmentNamed('dev');
  expect(await findEnvironment(first.world, dev.id)).toEqual(dev);
  expect(await lookEnvironmentByUuid(first.world, dev.uuid.toUpperCase())).toEqual(dev);
  expect(await lookEnvironmentByUuid(first.world, "not-a-uuid'")).toBeUndefined();
  expect(await lookEnvironment(first.world, dev.accountId + 1, 'dev')).toBeUndefined();
  await expect(findEnvironment(first.world, 999_999)).rejects.toMatchObject({ code: 'not_found' });
});

test('keys of the configuration are exactly what it says at each start', async () => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
  const { accountId } = await ensureAccount(first.world);
  const start = async (keys: Record<string, string>) => {
    const process = await startProcess(database, { ...env, ...keys });
    try {
      await applyConfigKeys(process.world, accountId);
      await applyConfigKeys(process.world, accountId); // twice is like once
      return await Promise.all([a, b, c].map(async (key) => (await variables(process, `Bearer ${key}`))[0]));
    } finally {
      await process.close();
    }
  };
  expect(await start({ BOWLINE_SECRET_KEY_DEV: a, NANGO_SECRET_KEY_STAGING: b })).toEqual([200, 200, 401]);
  expect((await listEnvironments(first.world, accountId)).map(({ name }) => name)).toEqual(['dev', 'prod', 'staging']);
  const [, dev] = await member.call('GET', '/api/environment');
  const key = dev.api_keys.find(({ secret }: Json) => secret === a);
  expect(key).toMatchObject({ source: 'config', display_name: 'BOWLINE_SECRET_KEY_DEV' });
  const refused = await member.call('DELETE', `/api/environment/api-keys/${key.id}`);
  expect([refused[0], refused[1].error.code]).toEqual([409, 'conflict']);
  expect(await start({ BOWLINE_SECRET_KEY_DEV: c, BOWLINE_SECRET_KEY_STAGING: a })).toEqual([200, 401, 200]);
  expect(await start({})).toEqual([401, 401, 401]);
  await expect(start({ BOWLINE_SECRET_KEY_DEV: a, BOWLINE_SECRET_KEY_STAGING: a })).rejects.toThrow('another environment');
  expect((await variables(first, `Bearer ${a}`))[0]).toBe(401); // nothing of a refused configuration is kept
});

test('the key of the account set by the configuration is exactly what it says at each start', async () => {
  const [a, b] = [randomUUID(), randomUUID()];
  const { accountId } = await ensureAccount(first.world);
  const start = async (keys: Record<string, string>) => {
    const process = await startProcess(database, { ...env, ...keys });
    try {
      await applyConfigKeys(process.world, accountId);
      await applyConfigKeys(process.world, accountId); // twice is like once
      const body = { name: 'dev' }; // taken: with a key that is known the answer is 409
      return await Promise.all([a, b].map(async (key) => (await post(process, '/environments', body, { authorization: key })).status));
    } finally {
      await process.close();
    }
  };
  expect(await start({ BOWLINE_ACCOUNT_KEY: a.toUpperCase() })).toEqual([409, 401]);
  const [key, ...others] = (await member.call('GET', '/api/account/keys'))[1].keys;
  expect(others).toEqual([]);
  expect(key).toMatchObject({ source: 'config', display_name: 'BOWLINE_ACCOUNT_KEY', scopes: ['account:*'], secret: a });
  expect((await member.call('DELETE', `/api/account/keys/${key.id}`))[1].error.code).toBe('conflict');
  expect((await member.call('POST', '/api/account/keys', { display_name: 'bowline_account_key' }))[1].error.code).toBe('conflict');
  expect(await start({ BOWLINE_ACCOUNT_KEY: b })).toEqual([401, 409]);
  await expect(start({ BOWLINE_ACCOUNT_KEY: a, BOWLINE_SECRET_KEY_DEV: a })).rejects.toThrow('belongs to another environment or account');
  expect(await start({})).toEqual([401, 401]);
  await expect(startProcess(database, { ...env, BOWLINE_ACCOUNT_KEY: 'not-a-uuid' })).rejects.toThrow(
    'BOWLINE_ACCOUNT_KEY: the value given is not',
  );
});
