/** The components in a real browser, on a real platform: connect, see the status, map fields with an action's answer, and get mapped records. */
import { Bowline, fieldMappingHandler } from '@bowline/node';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { consent, openStage, openVisit, type Stage } from './browser-stage.ts';
import { until } from './platform.ts';

let stage: Stage;
let visit: Awaited<ReturnType<typeof openVisit>>;
let page: Page;
let client: Bowline;
let isMember = true;

/** The app's backend: it makes sessions, says how a connection is, and answers the form. */
async function backend(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/api/session') return Response.json({ token: await stage.session() });
  if (pathname === '/api/status') return Response.json(await status());
  const handle = fieldMappingHandler({
    client,
    fields: [
      { name: 'priority', label: 'Priority', type: 'number', required: true },
      { name: 'owner', label: 'Owner' },
    ],
    listAction: 'list-fields',
    syncs: ['tickets'],
    authorize: async () => (isMember ? { providerConfigKey: 'upstream', connectionId: 'mapped' } : undefined),
  });
  return handle(request);
}

async function status() {
  const { connections } = await client.listConnections();
  return {
    status: connections.some(({ provider_config_key }) => provider_config_key === 'oidc') ? 'connected' : 'missing',
    label: 'OpenID',
  };
}

const available = [
  { id: 'cf_1', label: 'Urgency', type: 'number' },
  { id: 'cf_2', label: 'Assignee <b>', type: 'string' },
  { id: 'cf_3', label: 'Score', type: 'number' },
];
const sample = { cf_1: 3, cf_2: 'ada', cf_3: 9 };
const action = `import { createAction } from 'nango';
import { z } from 'zod';
const action = createAction({
  description: 'Custom fields', version: '1.0.0', input: z.unknown(), output: z.unknown(),
  exec: async () => (${JSON.stringify({ fields: available, sample })}),
});
export default action;`;
const sync = `import { createSync } from 'nango';
import { z } from 'zod';
const sync = createSync({
  description: 'Tickets as they are mapped', version: '1.0.0', frequency: 'every hour', autoStart: false, syncType: 'full',
  models: { Ticket: z.object({ id: z.string(), priority: z.number(), owner: z.string().nullable() }) }, metadata: z.unknown(),
  exec: async (nango) => {
    const { priority, owner } = await nango.getMetadata();
    const raw = ${JSON.stringify(sample)};
    await nango.batchSave([{ id: '1', priority: raw[priority], owner: owner === null ? null : raw[owner] }], 'Ticket');
  },
});
export default sync;`;

beforeAll(async () => {
  stage = await openStage(backend);
  client = new Bowline({ host: stage.platform.url, secretKey: stage.platform.apiKey });
  await client.createIntegration({ unique_key: 'upstream', provider: 'upstream' });
  const deploy = async (function_name: string, function_type: 'action' | 'sync', code: string) => {
    const started = await stage.platform.fetch('/functions/deployments', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'function', integration_id: 'upstream', function_name, function_type, code }),
    });
    const { id }: { id: string } = JSON.parse(await started.text());
    await until(`${function_name} is deployed`, async () => {
      const job = JSON.parse(await (await stage.platform.fetch(`/functions/deployments/${id}`)).text());
      if (job.status === 'failed') throw new Error(JSON.stringify(job.error));
      return job.status === 'success';
    });
  };
  await Promise.all([deploy('list-fields', 'action', action), deploy('tickets', 'sync', sync)]);
}, 120_000);
afterAll(() => stage?.close());
beforeEach(async () => {
  isMember = true;
  await stage.platform.fetch('/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider_config_key: 'upstream', connection_id: 'mapped', credentials: { type: 'API_KEY', apiKey: 'k' } }),
  });
  await client.setMetadata('upstream', 'mapped', {});
  visit = await openVisit(stage);
  page = visit.page;
});
afterEach(() => visit?.close());

const show = (html: string) => page.evaluate(`show(${JSON.stringify(html)})`);
const heard = async (type: string): Promise<Record<string, unknown>> => {
  await page.waitForFunction(`outcomes.some(({ type }) => type === '${type}')`);
  return page.evaluate(`outcomes.find(({ type }) => type === '${type}').detail`);
};

describe('the button', () => {
  const button = () =>
    `<bowline-connect-button host="${stage.platform.url}" session-url="/api/session" integration="oidc">Connect OpenID</bowline-connect-button>`;

  test('asks the app for a session, connects, and the status beside it follows', async () => {
    await show(`${button()}<bowline-connection-status url="/api/status"></bowline-connection-status>`);
    await page.getByText('OpenID: Not connected').waitFor();
    const [popup] = await Promise.all([visit.context.waitForEvent('page'), page.getByRole('button', { name: 'Connect OpenID' }).click()]);
    await page.getByText('Go on in the window').waitFor();
    await consent(popup);
    const result = await heard('bowline-connect');
    expect(await stage.connections()).toContain(result.connectionId);
    await page.getByText('OpenID: Connected').waitFor();
  });

  test('says in words that the window was closed, and can be clicked again', async () => {
    await show(button());
    const click = () => Promise.all([visit.context.waitForEvent('page'), page.getByRole('button').click()]);
    const [popup] = await click();
    await popup.locator('input[name=login]').waitFor();
    await popup.close();
    await page.getByText('The window was closed before access was granted').waitFor();
    const [again] = await click();
    await consent(again);
    await heard('bowline-connect');
  });

  test('works as a React component', async () => {
    const config = JSON.stringify({ host: stage.platform.url, connectSessionToken: await stage.session() });
    await page.evaluate(
      `mount('ConnectButton', { client: new clients.Bowline(${config}), integration: 'oidc', children: 'Connect by React' })`,
    );
    const [popup] = await Promise.all([visit.context.waitForEvent('page'), page.getByRole('button', { name: 'Connect by React' }).click()]);
    await consent(popup);
    expect(await heard('connect')).toMatchObject({ ok: true });
  });
});

describe.each(['a custom element', 'a React component'])('the form as %s', (kind) => {
  const open = async () => {
    if (kind === 'a custom element') await show('<bowline-field-mapping url="/api/mapping"></bowline-field-mapping>');
    else await page.evaluate(`mount('FieldMapping', { source: mappingSource('/api/mapping') })`);
  };

  test('maps, previews, stores and starts: the record arrives as mapped', async () => {
    await open();
    await page.getByLabel('Priority (required)').selectOption('Urgency');
    await page.getByLabel('Owner').selectOption('Assignee <b>');
    await page.getByRole('button', { name: 'Preview a record' }).click();
    await page.getByText('A record as it will arrive').waitFor();
    expect(await page.locator('dl').innerText()).toMatch(/Priority\s+3\s+Owner\s+ada/);
    await page.getByRole('button', { name: 'Save and start' }).click();
    expect(await heard(kind === 'a custom element' ? 'bowline-mapped' : 'mapped')).toEqual({ priority: 'cf_1', owner: 'cf_2' });
    expect(await client.getMetadata('upstream', 'mapped')).toMatchObject({ priority: 'cf_1', owner: 'cf_2' });
    const record = await until('the record is there', async () => {
      const list = await client
        .listRecords({ providerConfigKey: 'upstream', connectionId: 'mapped', model: 'Ticket' })
        .catch(() => undefined);
      return list?.records[0];
    });
    expect(record).toMatchObject({ id: '1', priority: 3, owner: 'ada' });
    await client.pauseSync('upstream', ['tickets'], 'mapped');
  });

  test('says what is missing or chosen twice, at its field, and stores nothing', async () => {
    await open();
    const priority = page.getByLabel('Priority (required)');
    await priority.waitFor();
    expect(await priority.getByRole('option').allInnerTexts()).toEqual(['Not mapped', 'Urgency', 'Score']);
    await page.getByRole('button', { name: 'Save and start' }).click();
    await page.getByText('Choose a field for Priority').waitFor();
    expect(await priority.getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate(`document.activeElement.shadowRoot.activeElement.id`)).toBe(await priority.getAttribute('id'));
    await priority.selectOption('Score');
    await page.getByLabel('Owner').selectOption('Score');
    await page.getByText('Score fills Priority already').waitFor();
    await page.getByRole('button', { name: 'Save and start' }).click();
    expect(await client.getMetadata('upstream', 'mapped')).toEqual({});
  });
});

describe('the handler', () => {
  const ask = (body: object, type = 'application/json') =>
    backend(new Request('http://app/api/mapping', { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) }));

  test('judges again what a page sends', async () => {
    for (const mapping of [{}, { priority: 'cf_2' }, { priority: 'gone' }, { priority: 'cf_1', owner: 'cf_1' }]) {
      const answer = await ask({ do: 'save', mapping });
      expect([answer.status, JSON.parse(await answer.text()).error.issues.length]).toEqual([400, 1]);
    }
    expect(await client.getMetadata('upstream', 'mapped')).toEqual({});
  });

  test('stores only the fields of the app', async () => {
    await client.setMetadata('upstream', 'mapped', { plan: 'pro' });
    expect((await ask({ do: 'save', mapping: { priority: 'cf_1', plan: 'free', __proto__: { a: 1 } } })).status).toBe(200);
    expect(await client.getMetadata('upstream', 'mapped')).toEqual({ plan: 'pro', priority: 'cf_1', owner: null });
  });

  test('refuses whom the app refuses, and what another site’s form can send', async () => {
    expect((await ask({ do: 'list' }, 'text/plain')).status).toBe(405);
    isMember = false;
    expect((await ask({ do: 'list' })).status).toBe(403);
  });
});

test('a form that cannot load says so and can be tried again', async () => {
  isMember = false;
  await show('<bowline-field-mapping url="/api/mapping"></bowline-field-mapping>');
  await page.getByText('You may not map fields here').waitFor();
  isMember = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByLabel('Owner').waitFor();
});

test('the style stays inside, takes the custom properties, and follows dark and light', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await show(`<button id="outside">Plain</button><bowline-connect-button session-url="/x" style="--bowline-accent: rgb(1, 2, 3)"></bowline-connect-button>
    <bowline-connect-button session-url="/x" id="plain"></bowline-connect-button>`);
  const background = (of: string) => page.evaluate(`getComputedStyle(${of}).backgroundColor`);
  const inside = (selector: string) => `document.querySelector('${selector}').shadowRoot.querySelector('button')`;
  expect(await background(inside('bowline-connect-button'))).toBe('rgb(1, 2, 3)');
  const dark = await background(inside('#plain'));
  const outside = await background(`document.querySelector('#outside')`);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await background(inside('#plain'))).not.toBe(dark);
  expect(outside).not.toBe(dark);
});
