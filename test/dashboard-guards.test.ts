/**
 * What an environment guards its data with, in the dashboard: deletions that wait for a word are seen, refused, approved; the settings say when they
 * wait, and what becomes of values that do not fit the schemas of functions.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';
import { until } from './platform.ts';

const within = { timeout: 120_000 };
const named = { provider_config_key: 'shop', connection_id: 'ann' };
let stage: DashboardStage;

/** A crawl of as many orders as the connection's metadata say. */
const js = `const { createSync } = require('bowline');
exports.default = createSync({ exec: async (nango) => {
  const { orders } = await nango.getMetadata();
  await nango.trackDeletesStart('Order');
  await nango.batchSave(Array.from({ length: orders }, (_, n) => ({ id: 'order-' + n })), 'Order');
  await nango.trackDeletesEnd('Order');
} });`;

/** Answers a number where its model has a text. */
const greetJs = `exports.default = require('bowline').createAction({ exec: () => ({ text: 7 }) });`;

async function call(method: string, path: string, body: object): Promise<void> {
  const { fetch } = stage.platform;
  const answer = await fetch(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
}

/** Runs the sync with this many orders. */
async function crawl(orders: number): Promise<void> {
  const look = async () => (await stage.platform.api.syncs.status({ query: { syncs: 'orders', ...named } })).syncs[0];
  await call('POST', '/connections/metadata', { ...named, metadata: { orders } });
  const before = (await look())?.finishedAt;
  await call('POST', '/sync/trigger', { ...named, syncs: ['orders'] });
  await until('the sync has run', async () => {
    const status = await look();
    return status?.finishedAt !== undefined && status.finishedAt !== before && status.status !== 'RUNNING';
  });
}

beforeAll(async () => {
  stage = await openDashboard();
  await call('POST', '/integrations', { unique_key: 'shop', provider: 'unauthenticated' });
  await call('POST', '/connections', { ...named, credentials: { type: 'NONE' } });
  const flow = { type: 'sync', syncName: 'orders', providerConfigKey: 'shop', models: ['Order'], runs: 'every day', auto_start: false };
  const greeting = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] };
  const greet = {
    ...{ type: 'action', syncName: 'greet', providerConfigKey: 'shop', models: ['Greeting'], runs: null },
    ...{ models_json_schema: { definitions: { Greeting: greeting } }, fileBody: { js: greetJs, ts: greetJs } },
  };
  await call('POST', '/sync/deploy', {
    flowConfigs: [{ ...flow, fileBody: { js, ts: js } }, greet],
    reconcile: true,
    debug: false,
    nangoYamlBody: '',
  });
  await until(
    'the sync is there',
    async () => (await stage.platform.api.syncs.status({ query: { syncs: 'orders', ...named } })).syncs.length > 0,
  );
  await crawl(1200);
}, 120_000);
afterAll(() => stage?.close());

const syncs = (page: Page) => page.goto(`${stage.platform.url}/dev/connections/shop/ann?tab=syncs`);

test(
  'deletions that wait are shown with the sync; kept, they are gone from view, approved after a question, from the records',
  within,
  async () => {
    await crawl(300);
    const { page, complaints } = await stage.open('/dev/connections/shop/ann?tab=syncs');
    await page.getByText('900 of 1,200 Order records wait to be deleted').waitFor();
    await everyWay(page, 'held deletions');
    await page.getByRole('button', { name: 'Keep them' }).click();
    await page.getByText('wait to be deleted').waitFor({ state: 'detached' });

    await crawl(300);
    await syncs(page);
    await page.getByRole('button', { name: 'Delete them' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 900 records' }).click();
    await page.getByText('wait to be deleted').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /^300 Order/ }).waitFor();
    expect(complaints).toEqual([]);
  },
);

test('an environment sets from which part they wait, or that they never do', within, async () => {
  const { page, complaints } = await stage.open('/dev/settings');
  const percent = page.getByLabel('From this part of a model, in percent');
  await percent.fill('101');
  expect(await page.getByText('A whole number from 1 to 100').isVisible()).toBe(true);
  await percent.fill('90');
  await page.getByLabel('And at least this many records').fill('10');
  await page.getByLabel('And at least this many records').press('Enter');
  await page.getByText('The setting was saved').first().waitFor();
  await page.reload();
  expect(await percent.inputValue()).toBe('90');
  await page.getByText('Deletions in syncs').scrollIntoViewIfNeeded();
  await everyWay(page, 'deletion guard');
  await page.getByRole('switch', { name: /Hold large deletions back/ }).click();
  await percent.waitFor({ state: 'detached' });
  await crawl(0);
  await syncs(page);
  await page.getByRole('link', { name: /^0 Order/ }).waitFor();
  expect(complaints).toEqual([]);
});

test('what does not fit the schemas is let through, told or refused as the settings say, from the next run on', within, async () => {
  const { page, complaints } = await stage.open('/dev/settings');
  const greet = async () => {
    const headers = { 'content-type': 'application/json', ...{ 'connection-id': 'ann', 'provider-config-key': 'shop' } };
    const answer = await stage.platform.fetch('/action/trigger', { method: 'POST', headers, body: '{"action_name":"greet","input":{}}' });
    return [answer.status, await answer.text()];
  };
  const outputs = page.getByLabel('Outputs of actions');
  expect(await outputs.inputValue()).toBe('off');
  expect(await greet()).toEqual([200, '{"text":7}']);
  await outputs.selectOption('Fail');
  await page.getByText('It counts from the next run on').first().waitFor();
  await page.getByText('The caller gets invalid_action_output').waitFor();
  const [, refused] = await greet();
  expect(refused).toContain('invalid_action_output');
  await page.reload();
  expect(await outputs.inputValue()).toBe('fail');
  await page.getByText('Whether values must fit').scrollIntoViewIfNeeded();
  await everyWay(page, 'validation');
  expect(complaints).toEqual([]);
});

test('the processes that serve the installation are listed with what they do and whether they live', within, async () => {
  const { page, complaints } = await stage.open('/dev/settings');
  const process = page.getByRole('table', { name: 'Processes' }).getByRole('row').nth(1);
  await process.getByText('alive').waitFor();
  expect(await process.textContent()).toMatch(/api, worker, scheduler/);
  await process.scrollIntoViewIfNeeded();
  await everyWay(page, 'processes');
  expect(complaints).toEqual([]);
});
