import { expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy } from '../functions.ts';
import { startPlatform } from '../platform.ts';

const CONNECTIONS = ['c-1', 'c-2'];

/** Calls an action on two connections in turn. @returns for each the engines it ran in: each has a clock of its own */
async function engines(isolation: string): Promise<Set<number>[]> {
  const platform = await startPlatform({ env: { BOWLINE_SANDBOX_ISOLATION: isolation } });
  await createIntegrations(platform, 'http://127.0.0.1:1');
  for (const id of CONNECTIONS) await importConnection(platform, id);
  await deploy(platform, [{ type: 'action', name: 'engine', exec: 'return performance.timeOrigin', integration: 'key' }]);
  const seen = CONNECTIONS.map(() => new Set<number>());
  // The first few of a function are made anew: a picture is not worth its price yet.
  for (let turn = 0; turn < 8; turn++)
    for (const [index, id] of CONNECTIONS.entries()) {
      const headers = { 'connection-id': id, 'provider-config-key': 'key' };
      const { body } = await platform.call('POST', '/action/trigger', { action_name: 'engine' }, headers);
      expect(body).toBeTypeOf('number');
      seen[index]?.add(body);
    }
  return seen;
}

const shared = ([one, other]: Set<number>[]) => [...(one ?? [])].filter((engine) => other?.has(engine)).length;

test('connections of one function share engines that were found clean', async () => {
  expect(shared(await engines('function'))).toBeGreaterThan(0);
});

test('where each connection is to have its own, none is shared', async () => {
  expect(shared(await engines('connection'))).toBe(0);
});
