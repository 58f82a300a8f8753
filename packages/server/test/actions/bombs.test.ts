/** Values made to burst whoever encodes, stores or shows them. Each is refused or cut with a word about it, and the platform answers as before. */
import { sql } from 'kysely';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { one } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, runOnce, statusOf } from '../functions.ts';
import { type Answer, eventually, type Json, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
  await createIntegrations(platform);
  await importConnection(platform, 'c-1', { metadata: { a: 1 } });
  await deploy(platform, [
    { type: 'action', name: 'ping', exec: 'return input' },
    { type: 'action', name: 'bomb', exec: BOMB },
    { name: 'bomb-sync', exec: BOMB, autoStart: false },
  ]);
  await eventually(async () => await statusOf(platform, 'c-1', 'bomb-sync'), 'the sync is there');
});

/** `input` of the action, or the metadata of the sync's connection, says which. */
const BOMB = `
const levels = (many) => { let one = {}; for (let n = 0; n < many; n++) one = { deep: one }; return one };
const { what } = input?.what ? input : await nango.getMetadata();
if (what === 'output') return levels(100000);
if (what === 'flat enough') return levels(300);
if (what === 'payload') throw new nango.ActionError(levels(100000));
if (what === 'nul') throw new nango.ActionError({ message: 'a\\0b', half: '\\ud800' });
if (what === 'nul output') return 'a\\0b';
if (what === 'message') throw new Error('x'.repeat(5e7));
if (what === 'metadata') await nango.updateMetadata({ bomb: levels(100000) });
if (what === 'call') return nango.triggerAction('key', 'c-1', 'ping', levels(100000));
if (what === 'checkpoint') await nango.saveCheckpoint({ bomb: levels(100000) });
if (what === 'fields') await nango.saveCheckpoint(Object.fromEntries(Array.from({ length: 17 }, (_, n) => ['k' + n, n])));
if (what === 'long') await nango.saveCheckpoint({ a: 'x'.repeat(4001) });
if (what === 'lines') { await nango.log('x'.repeat(5e6), levels(100000)); await nango.log('y', { all: 'z'.repeat(5e6) }); return 'logged' }
if (what === 'records') { await nango.batchSave([{ id: 'kept' }], 'Item'); await nango.batchSave([{ id: 'deep', levels: levels(100000) }], 'Item') }
if (what === 'null record') { await nango.batchSave([{ id: 'kept' }, null, { id: 'lost' }], 'Item') }
return 'done'`;

const target = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
const call = (action_name: string, input: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  platform.call(
    'POST',
    '/action/trigger',
    typeof input === 'string' ? `{"action_name":"${action_name}","input":${input}}` : { action_name, input },
    {
      ...target,
      'content-type': 'application/json',
      ...headers,
    },
  );

afterEach(async () => {
  expect(await call('ping', { still: 'here' })).toMatchObject({ status: 200, body: { still: 'here' } });
});

const deepText = `${'{"deep":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

describe('an input of 100,000 levels', () => {
  test('is refused with a word about its depth', async () => {
    const answer = await call('ping', deepText);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toMatch(/nested too deeply/);
  });

  test('is refused asynchronously too', async () => {
    const answer = await call('ping', deepText, { 'x-async': 'true' });
    if (answer.status === 202) {
      const ended = await resultOf(answer);
      expect(ended.status).toBeGreaterThanOrEqual(400);
    } else expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});

describe('a function that', () => {
  test.each([
    ['returns 100,000 levels', 'output', 400, 'invalid_action_output', 'levels'],
    ['throws a payload of 100,000 levels', 'payload', 500, 'action_script_runtime_error', 'too deep'],
    ['throws NUL and half a character', 'nul', 500, 'action_script_runtime_error', 'ab'],
    ['throws a message of 50 MB', 'message', 500, 'script_internal_error', '(cut)'],
    ['hands 100,000 levels to metadata', 'metadata', 500, 'script_internal_error', 'nested too deeply'],
    ['hands 100,000 levels to another action', 'call', 500, 'script_internal_error', 'nested too deeply'],
    ['hands 100,000 levels to a checkpoint', 'checkpoint', 500, 'script_internal_error', 'only strings, finite numbers and booleans'],
    ['saves a checkpoint of 17 fields', 'fields', 500, 'script_internal_error', 'at most 16 fields'],
    ['saves a checkpoint with 4,001 characters', 'long', 500, 'script_internal_error', '4000'],
  ])('%s is told so, at once and when called asynchronously', async (_what, what, status, code, word) => {
    const answer = await call('bomb', { what });
    expect({ status: answer.status, code: answer.body.error?.code }).toEqual({ status, code });
    const text = JSON.stringify(answer.body);
    expect(text).toContain(word);
    expect(text.length).toBeLessThan(250_000);
    const later = await resultOf(await call('bomb', { what }, { 'x-async': 'true' }));
    expect({ status: later.status, code: later.body.error?.code }).toEqual({ status, code });
  });

  test.each([
    ['returns 300 levels', 'flat enough'],
    ['returns NUL', 'nul output'],
  ])('%s is answered, at once and when called asynchronously', async (_what, what) => {
    const answer = await call('bomb', { what });
    expect(answer.status).toBe(200);
    expect(await resultOf(await call('bomb', { what }, { 'x-async': 'true' }))).toMatchObject({ status: 200, body: answer.body });
  });

  test('logs megabytes and 100,000 levels has its lines cut', async () => {
    expect(await call('bomb', { what: 'lines' })).toMatchObject({ status: 200, body: 'logged' });
    const member = await platform.member();
    const messages = await eventually(async () => {
      const { operations } = (await member('GET', '/logs/operations?limit=20')).body;
      for (const { id } of operations) {
        const whole = (await member('GET', `/logs/operations/${id}`)).body;
        const found = whole.messages?.filter((one: Json) => /^[xy]/.test(one.message));
        if (found?.length === 2) return found;
      }
      return undefined;
    }, 'the lines are in the activity log');
    for (const { message, meta } of messages) {
      expect(message.length).toBeLessThanOrEqual(10_000);
      expect(JSON.stringify(meta).length).toBeLessThanOrEqual(99_000);
    }
  });
});

describe('a sync that', () => {
  const bombed = async (what: string) => {
    await platform.call('POST', '/connections/metadata', { connection_id: 'c-1', provider_config_key: 'key', metadata: { what } });
    return runOnce(platform, 'c-1', 'bomb-sync');
  };

  test('saves a record of 100,000 levels fails, and what it saved before stays', async () => {
    expect(await bombed('records')).toMatchObject({ latestExecutionStatus: 'STOPPED' });
    expect((await recordsOf(platform, 'c-1')).map(({ id }) => id)).toEqual(['kept']);
  });

  test('saves a missing record among others fails instead of losing what follows', async () => {
    expect(await bombed('null record')).toMatchObject({ latestExecutionStatus: 'STOPPED' });
    expect((await recordsOf(platform, 'c-1')).map(({ id }) => id)).toEqual(['kept']);
  });

  test.each(['nul', 'payload', 'message', 'metadata'])('ends by "%s" has failed once, and is not run again for it', async (what) => {
    expect(await bombed(what)).toMatchObject({ latestExecutionStatus: 'STOPPED' });
    const newest = await one<{ attempts: number }>(
      platform.world.db,
      sql`select attempts from runs where kind = 'sync' order by id desc limit 1`,
    );
    expect(newest).toEqual({ attempts: 1 });
  });
});

function resultOf({ body }: Answer): Promise<Answer> {
  return eventually(async () => {
    const answer = await platform.call('GET', body.statusUrl);
    return answer.status === 404 ? undefined : answer;
  }, 'the action has ended');
}
