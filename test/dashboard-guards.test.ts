/**
 * What an environment guards its data and its syncs with, in the dashboard: deletions that wait for a word are seen, refused, approved; the settings say
 * when they wait, what becomes of values that do not fit the schemas of functions, how many syncs run at once, and of which models earlier versions are kept.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';
import { until } from './platform.ts';

const within = { timeout: 120_000 };
const named = { provider_config_key: 'shop', connection_id: 'ann' };
let stage: DashboardStage;

/** A crawl of as many orders as the connection's metadata say, each with its label. */
const js = `const { createSync } = require('bowline');
exports.default = createSync({ exec: async (nango) => {
  const { orders, label } = await nango.getMetadata();
  await nango.trackDeletesStart('Order');
  await nango.batchSave(Array.from({ length: orders }, (_, n) => ({ id: 'order-' + n, label })), 'Order');
  await nango.trackDeletesEnd('Order');
} });`;

/** Longer than any test waits: it is cancelled. */
const slowJs = `exports.default = require('bowline').createSync({ exec: () => new Promise((resolve) => setTimeout(resolve, 600_000)) });`;

/** Answers a number where its model has a text. */
const greetJs = `exports.default = require('bowline').createAction({ exec: () => ({ text: 7 }) });`;

async function call(method: string, path: string, body: object): Promise<void> {
  const { fetch } = stage.platform;
  const answer = await fetch(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
}

const statusOf = async (name: string) => (await stage.platform.api.syncs.status({ query: { syncs: name, ...named } })).syncs[0];

/** Runs the sync with this many orders. */
async function crawl(orders: number, label = 'new'): Promise<void> {
  const look = () => statusOf('orders');
  await call('POST', '/connections/metadata', { ...named, metadata: { orders, label } });
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
    flowConfigs: [
      { ...flow, fileBody: { js, ts: js } },
      { ...flow, syncName: 'slow', models: ['Slow'], fileBody: { js: slowJs, ts: slowJs } },
      greet,
    ],
    reconcile: true,
    debug: false,
    nangoYamlBody: '',
  });
  await until('the syncs are there', async () => (await statusOf('orders')) && (await statusOf('slow')));
  await crawl(1200);
}, 120_000);
afterAll(() => stage?.close());

let opened: Page | undefined;
/** A page holds a connection for its news, and a browser has six for a server. */
afterEach(() => opened?.close());
async function open(path: string) {
  const found = await stage.open(path);
  opened = found.page;
  return found;
}

const card = (page: Page, title: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
const syncs = (page: Page) => page.goto(`${stage.platform.url}/dev/connections/shop/ann?tab=syncs`);

test(
  'deletions that wait are shown with the sync; kept, they are gone from view, approved after a question, from the records',
  within,
  async () => {
    await crawl(300);
    const { page, complaints } = await open('/dev/connections/shop/ann?tab=syncs');
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
  const { page, complaints } = await open('/dev/settings');
  const percent = page.getByLabel('From this part of a model, in percent');
  await percent.fill('101');
  expect(await page.getByText('A whole number from 1 to 100').isVisible()).toBe(true);
  await percent.fill('90');
  await page.getByLabel('And at least this many records').fill('10');
  await page.getByLabel('And at least this many records').press('Enter');
  await page.getByText('The setting was saved').first().waitFor();
  await page.reload();
  expect(await percent.inputValue()).toBe('90');
  await everyWay(page, 'deletion guard', card(page, 'Deletions in syncs'));
  await page.getByRole('switch', { name: /Hold large deletions back/ }).click();
  await percent.waitFor({ state: 'detached' });
  await crawl(0);
  await syncs(page);
  await page.getByRole('link', { name: /^0 Order/ }).waitFor();
  expect(complaints).toEqual([]);
});

test('what does not fit the schemas is let through, told or refused as the settings say, from the next run on', within, async () => {
  const { page, complaints } = await open('/dev/settings');
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
  await everyWay(page, 'validation', card(page, 'Validation'));
  expect(complaints).toEqual([]);
});

test('the processes that serve the installation are listed with what they do and whether they live', within, async () => {
  const { page, complaints } = await open('/dev/settings');
  const process = page.getByRole('table', { name: 'Processes' }).getByRole('row').nth(1);
  await process.getByText('alive').waitFor();
  expect(await process.textContent()).toMatch(/api, worker, scheduler/);
  await everyWay(page, 'processes', card(page, 'Processes'));
  expect(complaints).toEqual([]);
});

test('an environment and an integration are given limits and a weight; what cannot be is said beside the field', within, async () => {
  const { page, complaints } = await open('/dev/settings');
  const ofEnvironment = card(page, 'Running syncs');
  await ofEnvironment.getByLabel('Weight').fill('0');
  await ofEnvironment.getByText('A whole number from 1 to 100').waitFor();
  await ofEnvironment.getByLabel('Syncs at once').fill('a few');
  await ofEnvironment.getByText('A whole number from 1 to 1,000,000, or nothing').waitFor();
  expect(await ofEnvironment.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await ofEnvironment.getByLabel('Weight').fill('2');
  await ofEnvironment.getByLabel('Syncs at once').fill('500');
  await ofEnvironment.getByRole('button', { name: 'Save' }).click();
  await page.getByText('It holds from the next run on').first().waitFor();
  await ofEnvironment.getByText('The server allows 12, so no more run. Running now: 0.').waitFor();
  await everyWay(page, 'limits of an environment', ofEnvironment);

  await page.goto(`${stage.platform.url}/dev/integrations/shop`);
  const ofIntegration = card(page, 'Running syncs');
  await ofIntegration.getByLabel('Of each connection').fill('3');
  await ofIntegration.getByLabel('Of each connection').press('Enter');
  await page.getByText('It holds from the next run on').first().waitFor();
  await everyWay(page, 'limits of an integration', ofIntegration);
  const { data } = await stage.platform.api.syncLimits.get({ query: named });
  expect(data).toMatchObject({
    environment: { weight: 2, runs_max: 500 },
    integration: { runs_max: null, connection_runs_max: 3 },
    connection: { runs_max: null },
  });
  expect(complaints).toEqual([]);
});

test(
  'a sync that is due says what it waits for; where the limit is raised it runs, and says how late and what it missed',
  within,
  async () => {
    const { page, complaints } = await open('/dev/connections/shop/ann?tab=syncs');
    const atOnce = card(page, 'Running syncs').getByLabel('Syncs at once');
    const limit = async (count: string) => {
      await atOnce.fill(count);
      await atOnce.press('Enter');
      await page.getByText('It holds from the next run on').first().waitFor();
    };
    await limit('1');
    await call('POST', '/sync/trigger', { ...named, syncs: ['slow'] });
    await until('the slow one runs', async () => (await statusOf('slow'))?.lateness.startedAt);
    await stage.inDatabase(`update syncs set paused = false, next_run_at = now() - interval '50 hours 10 minutes' where name = 'orders'`);
    await until('the other waits', async () => (await statusOf('orders'))?.lateness.waitingFor === 'connection');

    const orders = card(page, 'orders Waiting');
    await page.reload();
    await orders.getByText('was due 2 days ago: this connection runs as many at once as it may').waitFor();
    await card(page, 'Running syncs').getByText('Left empty: 3, as its integration says. Running now: 1.').waitFor();
    await everyWay(page, 'waiting sync');

    await page.goto(`${stage.platform.url}/dev/settings`);
    const waiting = page.getByRole('table', { name: 'Queue' }).getByRole('row', { name: /^Syncs/ });
    await waiting.getByText(/^2 days 2 h$/).waitFor();
    await everyWay(page, 'queue', card(page, 'Queue'));

    await syncs(page);
    await limit('2');
    await page.getByText('2 days 2 h late, 2 missed').waitFor();
    await everyWay(page, 'late sync');
    await call('POST', '/sync/pause', { ...named, syncs: ['slow', 'orders'] });
    expect(complaints).toEqual([]);
  },
);

test('the versions of a record are kept for models of the settings, and shown with what changed and as they were', within, async () => {
  const { page, complaints } = await open('/dev/settings');
  await crawl(3, 'old');
  const setting = card(page, 'Record history');
  await setting.getByRole('button', { name: 'Add model' }).click();
  await setting.getByLabel('Name of model 1').fill('order');
  await setting.getByText('A model starts with a capital letter').waitFor();
  await setting.getByLabel('Name of model 1').fill('Order');
  await setting.getByLabel('Days that versions of Order are kept').fill('0');
  await setting.getByText('Versions are kept for 1 to 3,650 days').waitFor();
  await setting.getByLabel('Days that versions of Order are kept').fill('7');
  await everyWay(page, 'record history setting', setting);
  await setting.getByRole('button', { name: 'Save' }).click();
  await page.getByText('What a change replaces is kept from now on').waitFor();
  expect((await stage.platform.api.recordHistory.settings({ query: {} })).data).toEqual([{ model: 'Order', keep_days: 7 }]);
  const between = new Date().toISOString();
  await crawl(2, 'new');

  await page.goto(`${stage.platform.url}/dev/connections/shop/ann?tab=records&filter=updated`);
  await page.getByRole('button', { name: 'order-1', exact: true }).click();
  await page.getByRole('link', { name: 'Earlier versions' }).click();
  const versions = page.getByRole('list', { name: 'Versions' });
  await versions.getByText('-  "label": "old"').waitFor();
  await versions.getByText('+  "label": "new"').waitFor();
  expect(await versions.getByRole('listitem').count()).toBe(2);
  await everyWay(page, 'record history');

  await page.goto(`${page.url()}&at=${between}`);
  await page.getByRole('status').getByText('"old"').waitFor();
  await everyWay(page, 'record as it was');
  await page.getByLabel('At this moment, by your clock').fill('2020-01-01T00:00:00');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('The history of Order goes back to').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();

  await page.goto(`${stage.platform.url}/dev/connections/shop/ann/record?model=Order&id=order-2`);
  await versions.getByText('Deleted').waitFor();
  await versions.getByText('Its content stayed as it was.').waitFor();
  expect(complaints).toEqual([]);
});
