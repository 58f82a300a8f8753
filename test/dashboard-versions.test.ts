/** The history of a function in the dashboard: its versions, what differs, and the way back, for one function and for a whole deployment. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowOf } from '../packages/server/test/functions.ts';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';
import { until } from './platform.ts';

const within = { timeout: 180_000 };
const KEY = 'shop';
let stage: DashboardStage;

beforeAll(async () => {
  stage = await openDashboard();
  await stage.platform.nango.createIntegration({ provider: 'unauthenticated', unique_key: KEY });
  const source = (limit: number) =>
    `const page = await nango.get({ endpoint: '/orders', params: { limit: ${limit} } });\nreturn page.data;`;
  const orders = (limit: number) => flowOf({ type: 'action', name: 'list-orders', integration: KEY, exec: source(limit) });
  const helper = flowOf({ type: 'action', name: 'ping', integration: KEY, exec: 'return 1' });
  await deploy([orders(50), helper]);
  await deploy([orders(100), helper]);
}, 180_000);
afterAll(() => stage?.close());

async function deploy(flowConfigs: object[]): Promise<void> {
  const response = await stage.platform.fetch('/sync/deploy', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ flowConfigs, reconcile: true, debug: false, nangoYamlBody: '', deployMode: 'integration' }),
  });
  expect(response.status).toBe(200);
}
const code = async (name: string): Promise<string> =>
  (await stage.platform.api.integrations.functionCode({ params: { uniqueKey: KEY, name }, query: {} })).code;
const versions = (page: Page) => page.getByRole('region', { name: 'Versions' }).getByRole('listitem');

test('a function shows its versions and what differs, and goes back with the keyboard after a question', within, async () => {
  const { page, complaints } = await stage.open(`/dev/integrations/${KEY}?tab=functions`);
  const row = page.getByRole('button', { name: 'list-orders' });
  await row.focus();
  await page.keyboard.press('Enter');
  const [second, first] = [versions(page).nth(0), versions(page).nth(1)];
  await first.waitFor();
  expect(await second.textContent()).toContain('Runs');
  expect(await first.textContent()).toMatch(/Version 1.*by .+ · deployment 1/);
  await first.getByRole('button', { name: 'Compare' }).focus();
  await page.keyboard.press('Enter');
  const diff = page.getByRole('region', { name: 'Changes of going back to version 1' });
  await diff.waitFor();
  expect(await diff.textContent()).toMatch(/-const page.*limit: 100.*\+const page.*limit: 50/s);
  await everyWay(page, 'function versions');
  await first.getByRole('button', { name: 'Roll back' }).focus();
  await page.keyboard.press('Enter');
  const question = page.getByRole('dialog', { name: 'Roll back to version 1?' });
  await question.waitFor();
  await page.waitForFunction('document.activeElement?.closest("[role=dialog]")'); // it listens to keys from then on
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  expect(await code('list-orders'), 'nothing happened').toContain('limit: 100');
  await first.getByRole('button', { name: 'Roll back' }).click();
  await everyWay(page, 'roll back question');
  await question.getByRole('button', { name: 'Roll back' }).click();
  await until('version 1 runs', async () => (await first.textContent())?.includes('Runs'));
  expect(await code('list-orders')).toContain('limit: 50');
  expect(complaints).toEqual([]);
  await page.close();
});

test('a deployment in the activity log says what it changed, leads to the function, and can be gone back to', within, async () => {
  await deploy([flowOf({ type: 'action', name: 'new-one', integration: KEY, exec: 'return 2' })]);
  const { page, complaints } = await stage.open('/dev/activity?type=deploy');
  await page.getByRole('link', { name: 'Deploy 2 functions' }).first().click();
  const changes = page.getByRole('region', { name: 'Deployment 2' });
  await changes.getByRole('link', { name: `${KEY} → list-orders` }).waitFor();
  await everyWay(page, 'deployment');
  await changes.getByRole('button', { name: 'Roll back to this deployment' }).click();
  const question = page.getByRole('dialog', { name: 'Roll back to deployment 2?' });
  await question.waitFor();
  expect(await question.textContent()).toContain(`New since, deleted with schedules and records: ${KEY}/new-one.`);
  await everyWay(page, 'roll back deployment question');
  await question.getByRole('button', { name: 'Roll back and delete' }).click();
  await until('all is as it was', async () => (await code('list-orders').catch(() => '')).includes('limit: 100'));
  expect(await code('ping')).toContain('return 1');
  await changes.getByRole('link', { name: `${KEY} → list-orders` }).click();
  await page.waitForURL((url) => url.pathname === `/dev/integrations/${KEY}`);
  await versions(page).first().waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});
