/** Subscriptions to webhooks on the page of an integration: switched on, what became of each, asked for again. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';

const within = { timeout: 120_000 };
let stage: DashboardStage;
let allowed = false;
/** One repository may be subscribed to, the other once an owner says so. */
const vendor = createServer((request, response) => {
  if (request.url?.startsWith('/webhooks/')) return app(request, response);
  const isAllowed = allowed || !request.url?.startsWith('/repos/acme/closed/');
  if (request.method === 'GET') return void response.end('[]');
  if (!isAllowed) return void response.writeHead(404).end('{"message":"Not Found"}');
  response.writeHead(201).end('{"id":1}');
});

/** HubSpot's, of an app that sends nowhere yet. */
function app({ method, url }: IncomingMessage, response: ServerResponse): void {
  if (!url?.endsWith('hapikey=na1-0000-1111-2222')) return void response.writeHead(401).end('{}');
  if (method === 'GET') return void response.end(url.includes('/settings') ? '{}' : '{"results":[]}');
  response.writeHead(201).end('{"id":"12"}');
}

beforeAll(async () => {
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  const { port } = vendor.address() as AddressInfo; // it listens on TCP
  const folder = mkdtempSync(join(tmpdir(), 'bowline-catalogue-'));
  writeFileSync(
    join(folder, 'own-github.yaml'),
    `extends: github\ndisplay_name: GitHub of ours\npost_connection_script: null\nproxy: { base_url: "http://127.0.0.1:${port}" }\n`,
  );
  writeFileSync(
    join(folder, 'own-hubspot.yaml'),
    `extends: hubspot\ndisplay_name: HubSpot of ours\nproxy: { base_url: "http://127.0.0.1:${port}" }\n`,
  );
  stage = await openDashboard([folder], [`127.0.0.1:${port}`]);
  const call = async (path: string, body: object) => {
    const { status } = await stage.platform.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(status).toBeLessThan(300);
  };
  const credentials = { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret', scopes: 'repo,admin:repo_hook' };
  await call('/integrations', { unique_key: 'github', provider: 'own-github', credentials });
  await call('/integrations', { unique_key: 'hubspot', provider: 'own-hubspot', credentials: { ...credentials, scopes: 'oauth' } });
  await call('/connections', {
    provider_config_key: 'github',
    connection_id: 'ann',
    credentials: { type: 'OAUTH2', access_token: 't' },
    metadata: { repositories: ['acme/closed', 'acme/website'] },
  });
}, 120_000);
afterAll(async () => {
  await stage?.close();
  vendor.close();
});

test('are switched on, say why the provider refused, and are asked for again', within, async () => {
  const { page, complaints } = await stage.open('/dev/integrations/github?tab=webhooks');
  await page.getByRole('switch', { name: 'Ask for webhooks of each connection' }).click();
  const rows = page.getByRole('table', { name: 'Subscriptions' }).getByRole('row');
  const closed = rows.filter({ hasText: 'acme/closed' });
  await rows.filter({ hasText: 'acme/website' }).getByText('Active').waitFor();
  await closed.getByText('Refused').waitFor();
  await closed.getByText(/answered 404/).waitFor();
  await everyWay(page, 'subscriptions');
  allowed = true;
  await closed.getByRole('button', { name: 'Ask again for ann · acme/closed' }).click();
  await closed.getByText('Active').waitFor();
  expect(complaints).toEqual([]);
});

test('of a whole app: says what is missing, takes it, shows no secret again', within, async () => {
  const { page, complaints } = await stage.open('/dev/integrations/hubspot?tab=webhooks');
  await page.getByRole('switch', { name: 'Ask for webhooks of the app' }).click();
  const row = page.getByRole('table', { name: 'Subscriptions' }).getByRole('row').filter({ hasText: 'All connections' });
  await row.getByText(/Enter App ID and Developer API key on the integration/).waitFor();
  await page.getByLabel('App ID').fill('1160452');
  await page.getByLabel('Developer API key').fill('na1-0000-1111-2222');
  await everyWay(page, 'subscription-of-an-app', page.getByLabel('Developer API key'));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await row.getByText('Active').waitFor();
  await page.getByPlaceholder('Kept. Enter another one to replace it').waitFor();
  expect(await page.getByLabel('App ID').inputValue()).toBe('1160452');
  expect(await page.getByLabel('Developer API key').inputValue()).toBe('');
  await everyWay(page, 'subscription-of-an-app-active', page.getByRole('switch', { name: 'Ask for webhooks of the app' }));
  expect(complaints).toEqual([]);
});
