/**
 * What the tests of the Connect UI stand on: a platform with every way to connect, a provider with a consent page, a page of a customer's on
 * another origin that frames the Connect UI with our package or with the published one, and a browser.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { integrationOf, names, writeCatalogue } from './connect-catalogue.ts';
import { dropHome, makeHome, type Platform, root, signIn, startPlatform } from './platform.ts';
import { json, type Seen, startUpstream, type Upstream } from './upstream.ts';

export type Stage = Awaited<ReturnType<typeof openStage>>;
type SessionRequest = Parameters<Platform['api']['connect']['createSession']>[0]['body'];
export const GOOD_KEY = 'the-right-key';

/** @param env further settings of the platform */
export async function openStage(env: Record<string, string> = {}) {
  const place = await makeHome();
  const provider = await startUpstream(answerAsProvider);
  const customer = await startCustomer();
  const catalogue = writeCatalogue(join(place.home, '..'), provider.url);
  const [platform, browser] = await Promise.all([
    startPlatform({ ...place, providers: [catalogue], allow: [provider.host], env }),
    chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }),
  ]);
  for (const name of names) await createIntegration(platform, integrationOf(name));
  const member = await signIn(platform);
  const close = async () => {
    await browser.close();
    await platform.stop();
    await Promise.all([provider.stop(), customer.stop()]);
    dropHome(place);
  };
  const session = async (body: Partial<SessionRequest> = {}) =>
    (await platform.api.connect.createSession({ query: {}, body: { end_user: { id: 'ada', display_name: 'Ada Lovelace' }, ...body } }))
      .data;
  return { platform, browser, provider, customer, member, session, close };
}

async function createIntegration(platform: Platform, body: object): Promise<void> {
  const answer = await platform.fetch('/integrations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${JSON.stringify(body)}: ${await answer.text()}`);
}

/** A consent page with two buttons, a token endpoint that takes anything, one that refuses, and an API with one right key. */
function answerAsProvider({ path, query, headers }: Seen, response: Parameters<Parameters<typeof startUpstream>[0]>[1]): void {
  if (path === '/authorize') {
    const back = (more: string) => `${query.get('redirect_uri')}?state=${query.get('state')}&${more}`;
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(
        `<!doctype html><title>Consent</title><a href="${back('code=the-code')}">Allow</a> <a href="${back('error=access_denied&error_description=denied')}">Deny</a>`,
      );
  } else if (path === '/token') json(response, 200, { access_token: 'granted', token_type: 'bearer', expires_in: 3600 });
  else if (path === '/refusing-token') json(response, 400, { error: 'invalid_client' });
  else if (path === '/me') json(response, headers['x-key'] === GOOD_KEY ? 200 : 401, {});
  else json(response, 404, {});
}

const script = (from: string) => `
  ${from}
  window.events = [];
  window.start = (props) => {
    const client = new Client({ host: props.apiURL, connectSessionToken: props.sessionToken });
    window.ui = client.openConnectUI({ ...props, onEvent: (event) => window.events.push(event) });
  };`;

/** Its pages are `/ours` and `/published`, and differ in the package that they use. */
async function startCustomer(): Promise<Upstream> {
  const bundle = async (from: string) => {
    const stdin = { contents: script(from), resolveDir: root, loader: 'js' } as const;
    const { outputFiles } = await build({ stdin, bundle: true, write: false, format: 'iife', platform: 'browser' });
    return outputFiles[0]?.text ?? '';
  };
  const scripts: Record<string, string> = {
    '/ours.js': await bundle("import { Bowline as Client } from '@bowline/browser';"),
    '/published.js': await bundle("import Client from '@nangohq/frontend';"),
  };
  return startUpstream(({ path }, response) => {
    const text = scripts[path];
    if (text) response.writeHead(200, { 'content-type': 'text/javascript' }).end(text);
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>Customer</title><h1>An app</h1><button>Below</button><script src="${path}.js"></script>`);
  });
}

/** What the customer's page was told. */
export function eventsOf(page: Page): Promise<{ type: string; payload?: Record<string, unknown> }[]> {
  return page.evaluate('window.events');
}

type Framed = { package?: 'ours' | 'published'; token?: string; props?: object };

/** Opens the Connect UI in a page of the customer's. */
export async function openFramed(stage: Stage, context: BrowserContext, { package: which = 'published', token, props = {} }: Framed = {}) {
  const page = await context.newPage();
  await page.goto(`${stage.customer.url}/${which}`);
  const { url } = stage.platform;
  const given = { apiURL: url, baseURL: `${url}/connect/`, ...(token === undefined ? {} : { sessionToken: token }), ...props };
  await page.evaluate(`window.start(${JSON.stringify(given)})`);
  return { page, frame: page.frameLocator('iframe#connect-ui') };
}

/** What a page complains of: thrown, logged as an error by the content policy, or failed on our side. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => /content security policy/i.test(message.text()) && complaints.push(message.text()));
  page.on('response', (response) => response.status() >= 500 && complaints.push(`${response.status()} ${response.url()}`));
  return complaints;
}
