/** Captured runs in the dashboard: which ones, set beside the other settings; and in the log of a run its exchanges and how to replay it. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';
import { until } from './platform.ts';
import { json, startUpstream } from './upstream.ts';

const within = { timeout: 120_000 };
let stage: DashboardStage;
let upstream: Awaited<ReturnType<typeof startUpstream>>;

const js = `const { createAction } = require('bowline');
exports.default = createAction({ exec: async (nango) => {
  const { data } = await nango.get({ endpoint: '/orders', params: { status: 'open', page: '1' } });
  await nango.post({ endpoint: '/orders', data: { title: 'A lamp', client_secret: 'canary-1' } });
  await nango.get({ endpoint: '/missing' });
  return data;
} });`;

async function call(method: string, path: string, body: object, headers: Record<string, string> = {}): Promise<void> {
  await stage.platform.fetch(path, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
}

beforeAll(async () => {
  upstream = await startUpstream((seen, response) => {
    if (seen.path === '/missing') return json(response, 404, { message: 'There is no such order' });
    json(response, seen.method === 'POST' ? 201 : 200, { orders: [{ id: 'o-1', title: 'A lamp', access_token: 'canary-2' }], next: null });
  });
  stage = await openDashboard([], [upstream.host]);
  await call('POST', '/integrations', {
    unique_key: 'shop',
    provider: 'private-api-generic',
    integration_config: { keyName: 'x-key', baseUrl: upstream.url, keyPlacement: 'header' },
  });
  await call('POST', '/connections', {
    provider_config_key: 'shop',
    connection_id: 'ann',
    credentials: { type: 'API_KEY', apiKey: 'canary-3' },
  });
  await call('POST', '/sync/deploy', {
    flowConfigs: [
      { type: 'action', syncName: 'read-orders', providerConfigKey: 'shop', models: ['Output'], runs: null, fileBody: { js, ts: js } },
    ],
    reconcile: true,
    debug: false,
    nangoYamlBody: '',
  });
}, 120_000);
afterAll(async () => {
  await stage?.close();
  await upstream?.stop();
});

const card = (page: Page) => page.locator('section').filter({ has: page.getByRole('heading', { name: 'Captured runs' }) });

test('the setting is shown, changed and kept', within, async () => {
  const { page, complaints } = await stage.open('/dev/settings');
  await card(page).getByLabel('Runs that are captured').selectOption({ label: 'Those that fail' });
  await card(page).getByLabel('Kept for, in days').fill('40');
  await card(page).getByText('They are kept for 1 to 30 days').waitFor();
  await card(page).getByLabel('Kept for, in days').fill('3');
  await card(page).getByRole('button', { name: 'Add exception' }).click();
  await card(page).getByLabel('Integration of exception 1').fill('shop');
  await card(page).getByLabel('Which runs of exception 1').selectOption({ label: 'A sample' });
  await card(page).getByLabel('One run in, of exception 1').fill('1');
  await everyWay(page, 'captured runs setting', card(page));
  await card(page).getByRole('button', { name: 'Save' }).click();
  await page.getByText('It counts for runs that begin now').waitFor();
  const { data } = await stage.platform.api.captures.settings({ query: {} });
  expect(data).toEqual({
    keep_days: 3,
    rules: [
      { integration: null, function: null, mode: 'failures', one_in: 100 },
      { integration: 'shop', function: null, mode: 'sample', one_in: 1 },
    ],
  });
  expect(complaints).toEqual([]);
});

test('the log of a captured run has its exchanges, without secrets, and the command that replays it', within, async () => {
  await call(
    'POST',
    '/action/trigger',
    { action_name: 'read-orders', input: {} },
    { 'provider-config-key': 'shop', 'connection-id': 'ann' },
  );
  await until('the run was captured', async () =>
    (await stage.platform.api.captures.list({ query: {} })).data.some(({ state }) => state === 'whole'),
  );
  const [capture] = (await stage.platform.api.captures.list({ query: {} })).data;
  const { page, complaints } = await stage.open(`/dev/activity/${capture?.operation_id}`);
  await page.getByRole('heading', { name: 'Captured' }).waitFor();
  await page.getByText(`bowline replay ${capture?.run_id} -e dev --local`).waitFor();
  await page.getByRole('button', { name: 'Show exchanges' }).click();
  const exchanges = page.getByRole('list', { name: 'Exchanges' });
  await exchanges.getByText('/orders?status=open&page=1').first().click();
  await exchanges.getByText('A lamp').first().waitFor();
  expect(await exchanges.textContent()).not.toContain('canary');
  await page
    .getByRole('button', { name: 'Show exchanges' })
    .or(page.getByRole('button', { name: 'Hide exchanges' }))
    .scrollIntoViewIfNeeded();
  await everyWay(page, 'captured run');
  await page.getByRole('link', { name: 'All captured runs' }).click();
  const listed = page.getByRole('table', { name: 'Captured runs' });
  await listed.getByText('whole').waitFor();
  await everyWay(page, 'captured runs');
  await listed.getByRole('button', { name: `Copy the command that replays run ${capture?.run_id}` }).click();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`bowline replay ${capture?.run_id} -e dev --local`);
  await listed.getByRole('link', { name: 'read-orders' }).click();
  const captured = page.getByRole('heading', { name: 'Captured', exact: true });
  const remove = async () => {
    await page.getByRole('button', { name: 'Remove', exact: true }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).last().click();
    await page.getByText('The capture was removed').first().waitFor();
  };
  await captured.waitFor();
  // As if its process had been killed, and the run had gone on in another.
  await stage.inDatabase(
    `insert into captures (environment_id, run_id, operation_id, kind, integration, connection, function, version, code_hash, began_at, expires_at)
     select environment_id, run_id, operation_id, kind, integration, connection, function, version, code_hash, now(), expires_at from captures`,
  );
  await page.reload();
  const earlier = page.getByRole('heading', { name: 'Captured, an earlier attempt' });
  await earlier.waitFor();
  expect(await page.getByText('bowline replay').count()).toBe(1);
  await remove();
  await earlier.waitFor({ state: 'detached' });
  await remove();
  await captured.waitFor({ state: 'detached' });
  expect((await stage.platform.api.captures.list({ query: {} })).data).toEqual([]);
  expect(complaints).toEqual([]);
});

test('older captures follow as one scrolls', within, async () => {
  const where = { 'provider-config-key': 'shop', 'connection-id': 'ann' };
  await call('POST', '/action/trigger', { action_name: 'read-orders', input: {} }, where);
  const whole = async () => (await stage.platform.api.captures.list({ query: {} })).data.some(({ state }) => state === 'whole');
  await until('the run was captured', whole);
  await stage.inDatabase(
    `insert into captures (environment_id, run_id, operation_id, kind, integration, connection, function, version, code_hash, began_at, expires_at)
     select environment_id, run_id, operation_id, kind, integration, connection, function, version, code_hash, now(), expires_at
       from captures cross join generate_series(1, 120)`,
  );
  const { page, complaints } = await stage.open('/dev/captures');
  const rows = page.getByRole('table', { name: 'Captured runs' }).getByRole('row');
  await until('all are there', async () => {
    await rows.last().scrollIntoViewIfNeeded();
    return (await rows.count()) === 122;
  });
  expect(complaints).toEqual([]);
});
