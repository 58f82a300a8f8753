/** Rate limits of providers in the dashboard: who spent them, which hold, and the notice of a connection that waits. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';

const within = { timeout: 120_000 };
let stage: DashboardStage;
/** Its 21st request is one too many. */
const provider = createServer((_request, response) => {
  asked += 1;
  const left = { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': String(Math.max(0, 20 - asked)), 'x-ratelimit-reset': '600' };
  if (asked > 20) response.writeHead(429, { ...left, 'retry-after': '600' }).end('{}');
  else response.writeHead(200, left).end('{}');
});
let asked = 0;

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<number> {
  const { fetch } = stage.platform;
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(path, { method, headers: { 'content-type': 'application/json', ...headers }, ...text });
  await answer.text();
  return answer.status;
}

beforeAll(async () => {
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as AddressInfo; // it listens on TCP
  stage = await openDashboard([], [`127.0.0.1:${port}`]);
  const integration_config = { keyName: 'x-key', baseUrl: `http://127.0.0.1:${port}`, keyPlacement: 'header' };
  await call('POST', '/integrations', { unique_key: 'shop', provider: 'private-api-generic', integration_config });
  const named = { provider_config_key: 'shop', connection_id: 'ann' };
  await call('POST', '/connections', { ...named, credentials: { type: 'API_KEY', apiKey: 'k' } });
  const js = `exports.default = require('bowline').createAction({ exec: async (nango) => {
    for (let n = 0; n < 6; n++) await nango.get({ endpoint: '/' });
    return null;
  } });`;
  const flow = { type: 'action', syncName: 'spend', providerConfigKey: 'shop', models: [], runs: null, fileBody: { js, ts: js } };
  await call('POST', '/sync/deploy', { flowConfigs: [flow], reconcile: true, debug: false, nangoYamlBody: '' });
  const headers = { 'connection-id': 'ann', 'provider-config-key': 'shop' };
  for (let n = 0; n < 8; n++) await call('GET', '/proxy/', undefined, headers);
  expect(await call('POST', '/action/trigger', { action_name: 'spend', input: null }, headers)).toBe(200);
  const statuses: number[] = [];
  while (!statuses.includes(429)) statuses.push(await call('GET', '/proxy/', undefined, headers));
}, 120_000);
afterAll(async () => {
  await stage?.close();
  provider.close();
});

test('the page of an integration shows who spent its limit and what holds', within, async () => {
  const { page, complaints } = await stage.open('/dev/integrations/shop?tab=limits');
  await page.getByText(/used up, opens/).waitFor();
  const row = page.getByRole('table', { name: 'Requests by connection' }).getByRole('row').filter({ hasText: 'ann' });
  await row.getByText('6').first().waitFor();
  await everyWay(page, 'rate limits');
  expect(complaints).toEqual([]);
});

test('the page of a connection says that it waits', within, async () => {
  const { page, complaints } = await stage.open('/dev/connections/shop/ann');
  await page.getByText("The provider's rate limit is used up").waitFor();
  await everyWay(page, 'rate limit of a connection');
  expect(complaints).toEqual([]);
});
