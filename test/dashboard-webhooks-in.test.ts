/** The page of an integration shows where its provider's webhooks go, whether they are verified, and what became of the newest. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';

const SECRET = 'webhook-secret';
let stage: DashboardStage;
let path: string;

async function call(method: string, to: string, body?: object): Promise<ReturnType<typeof JSON.parse>> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await stage.platform.fetch(to, { method, headers: { 'content-type': 'application/json' }, ...text });
  return answer.json();
}
const send = (event: string, delivery: string, key = SECRET) => {
  const body = JSON.stringify({ action: 'opened', number: 7 });
  const signature = `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': delivery,
    'x-hub-signature-256': signature,
  };
  return fetch(`${stage.platform.url}${path}`, { method: 'POST', headers, body });
};

beforeAll(async () => {
  stage = await openDashboard([], []);
  const credentials = { type: 'OAUTH2', client_id: 'id', client_secret: 'secret' };
  await call('POST', '/integrations', { unique_key: 'code', provider: 'github', credentials, webhooks: { secrets: [SECRET] } });
  path = new URL((await call('GET', '/integrations/code?include=webhook')).data.webhook_url).pathname;
  for (const [n, event] of ['push', 'issues', 'pull_request', 'release'].entries()) expect((await send(event, `d-${n}`)).status).toBe(200);
  for (let n = 0; n < 3; n++) expect((await send('push', `forged-${n}`, 'another')).status).toBe(401);
}, 120_000);
afterAll(() => stage?.close());

test('the webhooks of an integration, what was refused, and a secret that is replaced', { timeout: 120_000 }, async () => {
  const { page, complaints } = await stage.open('/dev/integrations/code?tab=webhooks');
  await page.getByText('Signatures are verified').waitFor();
  await page.getByText('4 received, refused: 3 wrong signature').waitFor();
  await page.getByText('pull_request').waitFor();
  await everyWay(page, 'webhooks of a provider');
  await page.getByLabel('Replace the webhook secret').fill('new');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The webhook settings were saved').waitFor();
  expect((await send('push', 'd-new', 'new')).status).toBe(200);
  expect((await send('push', 'd-old')).status).toBe(401);
  expect(complaints).toEqual([]);
});
