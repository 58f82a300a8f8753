import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy } from '../functions.ts';
import { type Answer, eventually, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

beforeAll(async () => {
  platform = await startPlatform();
  await createIntegrations(platform);
  await importConnection(platform, 'c-1');
  await deploy(platform, [
    { name: 'echo', type: 'action', exec: 'return { input, connection: nango.connectionId };' },
    { name: 'nothing', type: 'action' },
    { name: 'raises', type: 'action', exec: `throw new nango.ActionError({ message: 'no such city' });` },
    { name: 'off', type: 'action' },
    { name: 'items', autoStart: false },
  ]);
});

const invoke = (more: object = {}, headers?: Record<string, string>): Promise<Answer> =>
  platform.call(
    'POST',
    '/functions/invocations',
    { connection_id: 'c-1', integration_id: 'key', name: 'echo', invocation_type: 'wait', ...more },
    headers,
  );

describe('an invocation that waits', () => {
  test('answers with what the function returned', async () => {
    expect(await invoke({ input: { a: [1] } })).toMatchObject({
      status: 200,
      body: { status: 'success', output: { input: { a: [1] }, connection: 'c-1' } },
    });
    expect((await invoke({ name: 'nothing' })).body).toEqual({ status: 'success', output: null });
  });

  test('that fails says so as an action does', async () => {
    expect(await invoke({ name: 'raises' })).toMatchObject({
      status: 500,
      body: { error: { code: 'action_script_runtime_error', message: 'no such city', payload: { message: 'no such city' } } },
    });
  });
});

test('an invocation that does not wait is told where the result will be', async () => {
  const { status, body, headers } = await invoke({ invocation_type: 'no_wait', input: 7, options: { max_retries: 1 } });
  expect(status).toBe(202);
  expect(body).toEqual({ id: expect.any(String), statusUrl: `/action/${body.id}` });
  expect(headers.get('location')).toBe(body.statusUrl);
  const result = await eventually(async () => {
    const answer = await platform.call('GET', body.statusUrl);
    return answer.status !== 404 && answer;
  }, 'the action has ended');
  expect(result).toMatchObject({ status: 200, body: { input: 7 } });
});

describe('refuses', () => {
  test.each([
    [{ connection_id: 'nobody' }, 404, 'connection_not_found'],
    [{ integration_id: 'nothing' }, 404, 'integration_not_found'],
    [{ name: 'missing' }, 404, 'unknown_function'],
    [{ name: 'items' }, 400, 'invalid_invocation'],
    [{ options: { max_retries: 2 } }, 400, 'invalid_invocation'],
    [{ options: { max_retries: 6 } }, 400, 'validation_error'],
    [{ options: { priority: 1 } }, 400, 'validation_error'],
    [{ invocation_type: 'later' }, 400, 'validation_error'],
    [{ surprise: 1 }, 400, 'validation_error'],
  ])('%j with %i %s', async (more, status, code) => {
    const answer = await invoke(more);
    expect(answer).toMatchObject(failure(status, code));
    if (code === 'validation_error') expect(answer.body.error.errors).toHaveLength(1);
  });

  test('a function that is switched off', async () => {
    await sql`update functions set enabled = false where name = 'off'`.execute(platform.world.db);
    expect(await invoke({ name: 'off' })).toMatchObject(failure(403, 'function_disabled'));
  });

  test('a key without the right, and a connection of another environment', async () => {
    const only = { authorization: `Bearer ${await platform.keyOf('dev', ['environment:actions:execute'])}` };
    expect(await invoke({}, only)).toMatchObject(failure(403, 'forbidden'));
    const other = { authorization: `Bearer ${await platform.keyOf('prod')}` };
    expect(await invoke({}, other)).toMatchObject(failure(404, 'integration_not_found'));
  });
});
