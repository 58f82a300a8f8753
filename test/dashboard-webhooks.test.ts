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
  await sheet.getByRole('button', { name: /webhook\.test/ }).click();
  await sheet.getByText(/The receiver answered 410 Gone/).waitFor();
  await sheet.getByText('I want no more of this').waitFor();
  await everyWay(page, 'a webhook endpoint that is gone');
  status = 204;
  await sheet.getByRole('button', { name: 'Enable' }).click();
  await sheet.getByText('Active', { exact: true }).waitFor();
  await sheet.getByRole('button', { name: 'Send failed ones again' }).click();
  await sheet.getByRole('button', { name: /204.*webhook\.test/ }).waitFor();
  expect(bodies[1]).toBe(bodies[0]);
  await page.keyboard.press('Escape');
  await everyWay(page, 'webhook endpoints', endpoints);
  expect(complaints.filter((line) => !line.includes('400'))).toEqual([]);
});
