/** Webhook endpoints in the dashboard: one is added, tried, seen failing with what it answered, and what failed is sent again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';

const within = { timeout: 120_000 };
let stage: DashboardStage;
let status = 410;
const bodies: string[] = [];
const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  bodies.push(body);
  response.writeHead(status).end('I want no more of this');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  stage = await openDashboard([], ['127.0.0.1']);
}, 120_000);
afterAll(async () => {
  await stage?.close();
  receiver.closeAllConnections();
  receiver.close();
});

const card = (page: Page, title: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

test('an endpoint is added, tested, seen to be disabled by a 410, enabled, and what failed arrives', within, async () => {
  const { page, complaints } = await stage.open('/dev/settings');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`; // it listens on a port
  const endpoints = card(page, 'Webhook endpoints');
  await endpoints.getByText('There is none yet.').waitFor();
  await endpoints.getByRole('button', { name: 'Add endpoint' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill('http://10.0.0.1/hooks');
  await dialog.getByRole('button', { name: 'Add endpoint' }).click();
  await dialog.getByText(/private or reserved/).waitFor();
  await dialog.getByLabel('Address').fill(url);
  await dialog.getByLabel('What it is for').fill('The billing service');
  await dialog.getByLabel(/records\.changed/).check();
  await everyWay(page, 'add a webhook endpoint');
  await dialog.getByRole('button', { name: 'Add endpoint' }).click();
  await endpoints.getByText('Active').waitFor();
  await endpoints.getByRole('button', { name: url }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Reveal secret' }).waitFor();
  await sheet.getByRole('button', { name: 'Send a test event' }).click();
  await sheet.getByText('it answered 410 Gone').waitFor();
  await everyWay(page, 'a webhook endpoint that is gone');
  status = 204;
  await sheet.getByRole('button', { name: 'Enable' }).click();
  await sheet.getByText('Active', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await everyWay(page, 'webhook endpoints', endpoints);
  await endpoints.getByRole('button', { name: url }).click();
  await sheet.getByRole('link', { name: 'Its deliveries' }).click();
  await page.waitForURL(/\/deliveries\?endpoint=/);
  await page.getByRole('link', { name: 'webhook.test' }).click();
  await sheet.getByText(/The receiver answered 410 Gone/).waitFor();
  await sheet.getByText('I want no more of this').waitFor();
  await everyWay(page, 'a delivery that failed');
  await sheet.getByRole('button', { name: 'Send again' }).click();
  await sheet.getByText('Delivered 204').waitFor();
  expect(bodies[1]).toBe(bodies[0]);
  expect(complaints.filter((line) => !line.includes('400'))).toEqual([]);
});

/** Of a release that ran for a while: 260 that failed within a day and 40 that arrived, of ten connections. */
const past = `
  insert into webhook_deliveries (environment_id, endpoint_id, name, type, url, body, state, attempts, last_status, last_error, integration, connection, operation_id, created_at, finished_at)
  select e.environment_id, e.id, case n % 2 when 0 then 'sync.failed' else 'records.changed' end, 'sync', e.url, '{"n":' || n || '}', case when n < 260 then 'failed' else 'delivered' end,
         case when n < 260 then 15 else 1 end, case when n < 260 then 502 else 204 end, case when n < 260 then 'The receiver answered 502' end, 'github', 'customer-' || n % 10, 'past-' || n,
         now() - interval '5 hours' - n * interval '1 minute', now()
    from webhook_endpoints e, generate_series(0, 299) n`;

test(
  'deliveries are narrowed by an address that can be shared, selected by keyboard, and sent again by the many with a count before and after',
  within,
  async () => {
    await stage.inDatabase(past);
    bodies.splice(0);
    const { page, complaints } = await stage.open('/dev/deliveries');
    const rows = page.getByRole('table', { name: 'Deliveries' }).locator('tbody tr');
    await rows.nth(40).waitFor();
    await everyWay(page, 'deliveries');
    const filters = page.getByRole('search', { name: 'Filters of deliveries' });
    await filters.getByLabel('State').selectOption('failed');
    await filters.getByLabel('Event').selectOption('sync.failed');
    await filters.getByLabel('Connection id').fill('customer-4');
    await page.waitForURL(/connection=customer-4/);
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(26);
    const shared = await stage.open(new URL(page.url()).pathname + new URL(page.url()).search);
    await expect
      .poll(() => shared.page.getByRole('table', { name: 'Deliveries' }).locator('tbody tr').count(), { timeout: 20_000 })
      .toBe(26);
    await shared.page.close();

    await page.getByRole('checkbox', { name: 'Select sync.failed of customer-4' }).first().focus();
    await page.keyboard.press('Space');
    await page.getByText('1 selected', { exact: true }).waitFor();
    await page.getByRole('checkbox', { name: 'Select all shown' }).focus();
    await page.keyboard.press('Space');
    await page.getByText('26 selected', { exact: true }).waitFor();
    await everyWay(page, 'deliveries selected');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Send 26 deliveries again?').waitFor();
    await dialog.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => bodies.length, { timeout: 20_000 }).toBe(26);

    await filters.getByLabel('Connection id').fill('');
    await filters.getByLabel('Event').selectOption('');
    const from = new Date(Date.now() - 24 * 3_600_000);
    await filters.getByLabel('From').fill(new Date(from.getTime() - from.getTimezoneOffset() * 60_000).toISOString().slice(0, 16));
    await page.waitForURL(/from=/);
    await page.getByRole('button', { name: 'Send many again' }).click();
    await dialog.getByRole('button', { name: 'Send 234 again' }).waitFor();
    await everyWay(page, 'send many again');
    await dialog.getByRole('button', { name: 'Send 234 again' }).click();
    await dialog.getByText('All 234 have ended: 234 arrived, 0 failed.').waitFor();
    await everyWay(page, 'many were sent again');
    expect(bodies).toHaveLength(260);
    expect(new Set(bodies).size).toBe(260);
    await dialog.getByRole('button', { name: 'Close' }).first().click();
    await page.getByText('Nothing matches').waitFor();
    expect(complaints).toEqual([]);
  },
);
