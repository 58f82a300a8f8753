/** What our client does better than the published one, in a real browser: no promise hangs, no secret travels in an address, no popup is needed. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { consent, deny, type Outcome, openStage, openVisit, realFocus, type Stage } from './browser-stage.ts';

let stage: Stage;
let visit: Awaited<ReturnType<typeof openVisit>>;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());
beforeEach(async () => {
  stage.oauth.isolated = false;
  visit = await openVisit(stage);
});
afterEach(() => visit.close());

async function made({ result, error }: Outcome = {}): Promise<void> {
  expect(error).toBeUndefined();
  expect(await stage.connections()).toContain(result?.connectionId);
}

describe('what the published client does not survive', () => {
  test('a socket that is refused', async () => {
    await visit.button({ config: { websocketsPath: '/nowhere' } });
    await consent(await visit.click());
    await made((await visit.outcomes())[0]);
  });

  test('a socket that the page’s own policy forbids', async () => {
    stage.app.policy = `connect-src ${stage.platform.url}`;
    await visit.page.reload();
    stage.app.policy = '';
    await visit.button();
    await consent(await visit.click());
    await made((await visit.outcomes())[0]);
  });

  test('a server that was restarted between start and callback', async () => {
    await visit.button();
    const popup = await visit.click();
    await popup.locator('input[name=login]').waitFor();
    await stage.restart();
    await consent(popup);
    await made((await visit.outcomes())[0]);
  });

  test('neither socket nor opener', async () => {
    stage.oauth.isolated = true;
    await realFocus(visit.context, visit.page);
    await visit.button({ config: { websocketsPath: '/nowhere' } });
    await consent(await visit.click());
    await made((await visit.outcomes())[0]);
  });
});

test('a window that only looks closed is waited for; once the person is back, the promise ends', async () => {
  stage.oauth.isolated = true;
  await realFocus(visit.context, visit.page);
  await visit.button();
  const popup = await visit.click();
  await popup.locator('input[name=login]').waitFor();
  expect(await visit.page.evaluate('client.win.modal.closed')).toBe(true);
  await popup.close();
  await visit.page.bringToFront();
  expect((await visit.outcomes())[0]?.error).toMatchObject({ type: 'window_closed' });
});

test('a message that anybody can post ends nothing', async () => {
  await visit.button();
  const popup = await visit.click();
  await popup.locator('input[name=login]').waitFor();
  await visit.page.evaluate(`postMessage({ type: 'nango_oauth_callback_error', payload: { message: 'forged', errorType: 'forged' } }, '*');
    new BroadcastChannel('nango-oauth-callback').postMessage({ type: 'nango_oauth_callback_success' });`);
  await consent(popup);
  await made((await visit.outcomes())[0]);
});

test('no address holds the token or a secret', async () => {
  const token = await stage.session();
  const credentials = { oauth_client_id_override: 'bowline', oauth_client_secret_override: 'of-bowline' };
  await visit.button({ token, options: { credentials, params: { region: 'eu' } } });
  await consent(await visit.click());
  await made((await visit.outcomes())[0]);
  expect(visit.addresses.some((address) => address.includes('/oauth/start/'))).toBe(true);
  const everywhere = [...visit.addresses, ...stage.oauth.asked, ...stage.app.seen.map(({ path, referrer }) => `${path} ${referrer}`)].join(
    '\n',
  );
  for (const secret of [token, 'of-bowline']) expect(everywhere).not.toContain(secret);
});

test('the address that starts works once', async () => {
  await visit.button();
  const popup = await visit.click();
  await popup.locator('input[name=login]').waitFor();
  const start = visit.addresses.find((address) => address.includes('/oauth/start/')) ?? '';
  const again = await visit.context.newPage();
  expect((await again.goto(start))?.status()).toBe(400);
});

test('a signal ends it with its reason, and the window closes', async () => {
  await visit.page.evaluate(`globalThis.controller = new AbortController()`);
  const setting = { host: stage.platform.url, connectSessionToken: await stage.session() };
  await visit.page.evaluate(`onClick({ client: 'Bowline', config: ${JSON.stringify(setting)}, options: { signal: controller.signal } })`);
  const popup = await visit.click();
  await popup.locator('input[name=login]').waitFor();
  await Promise.all([popup.waitForEvent('close'), visit.page.evaluate(`controller.abort(new Error('changed my mind'))`)]);
  expect((await visit.outcomes())[0]?.error).toMatchObject({ message: 'changed my mind' });
  expect(await visit.page.evaluate('client.win')).toBe(null);
});

test('clear() ends it as cancelled', async () => {
  await visit.button();
  const popup = await visit.click();
  await Promise.all([popup.waitForEvent('close'), visit.page.evaluate('client.clear()')]);
  expect((await visit.outcomes())[0]?.error).toMatchObject({ type: 'cancelled', name: 'AuthError' });
});

describe('an answer that is no answer', () => {
  /** What a call ends with at a server that says this after its headers. */
  async function outcomeAt(say: (response: ServerResponse) => void, before = ''): Promise<Outcome> {
    const server = createServer((_request, response) => {
      const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*', 'content-type': 'application/json' };
      response.writeHead(200, headers);
      say(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // it listens
    const config = JSON.stringify({ host: `http://127.0.0.1:${port}`, connectSessionToken: 't' });
    try {
      return await visit.page.evaluate(`(() => {
        const controller = new AbortController();
        ${before}
        return note(new clients.Bowline(${config}).auth('a', { credentials: { apiKey: 'k' }, signal: controller.signal }));
      })()`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test('left off in the middle of its body ends with the reason of the signal', async () => {
    let isHalf = false;
    const half = (response: ServerResponse) => response.write('{"connectionId":', () => (isHalf = true));
    await visit.page.exposeFunction('isHalf', () => isHalf);
    const abort = `const timer = setInterval(async () => {
      if (!(await isHalf())) return;
      clearInterval(timer);
      setTimeout(() => controller.abort(new Error('changed my mind')), 100); // its headers have come by then
    }, 10);`;
    expect((await outcomeAt(half, abort)).error).toMatchObject({ message: 'changed my mind' });
  });

  test('cut off in the middle of its body is the network', async () => {
    const cut = (response: ServerResponse) => response.write('{"connectionId":', () => response.destroy());
    expect((await outcomeAt(cut)).error).toMatchObject({ type: 'network_error' });
  });

  test('of another kind of server is said so', async () => {
    const page = (response: ServerResponse) => response.end('<!doctype html>');
    const message = expect.stringContaining('is no Bowline server');
    expect((await outcomeAt(page)).error).toMatchObject({ type: 'unknown_error', message });
  });
});

describe('by redirect', () => {
  const back = (more = '') => `${stage.app.url}/back?own=1${more}`;
  const leave = async (token: string, returnTo = back()) => {
    const config = JSON.stringify({ host: stage.platform.url, connectSessionToken: token });
    const options = JSON.stringify({ mode: 'redirect', returnTo });
    await visit.page.evaluate(`void note(new clients.Bowline(${config}).auth('oidc', ${options}))`);
  };
  /** The page loads anew and has no token, as an app whose session was made for the page before. */
  const handle = (): Promise<Outcome> =>
    visit.page.evaluate(`note(new clients.Bowline(${JSON.stringify({ host: stage.platform.url })}).handleRedirect())`);

  test('the browser comes back to the app, which hears how it ended, once', async () => {
    const token = await stage.session({ return_origins: [stage.app.url] });
    await leave(token);
    await visit.page.waitForURL(/interaction/);
    await consent(visit.page);
    await visit.page.waitForURL(/\/back/);
    await made(await handle());
    expect(visit.page.url()).toBe(back());
    expect(await handle()).toEqual({ result: null });
    expect(visit.addresses.join('\n')).not.toContain(token);
  });

  test('a person who denies comes back too', async () => {
    await leave(await stage.session({ return_origins: [stage.app.url] }));
    await visit.page.waitForURL(/interaction/);
    await deny(visit.page);
    await visit.page.waitForURL(/\/back/);
    expect((await handle()).error).toMatchObject({ type: 'callback_err' });
  });

  test('a person who comes back by the browser’s own button is told apart', async () => {
    await leave(await stage.session({ return_origins: [stage.app.url] }));
    await visit.page.waitForURL(/interaction/);
    await visit.page.goBack();
    expect(await handle()).toEqual({ result: null });
  });

  test('nobody is sent to an origin that the backend did not name', async () => {
    await leave(await stage.session({ return_origins: ['https://app.example.com', stage.app.url.replace('127.0.0.1', 'localhost')] }));
    const [{ error } = {}] = await visit.outcomes();
    expect(error).toMatchObject({ type: 'invalid_body', message: expect.stringContaining('return_origins') });
    expect(visit.page.url()).not.toContain('interaction');
  });

  test('an attempt that this tab did not begin is not believed', async () => {
    await leave(await stage.session({ return_origins: [stage.app.url] }));
    await visit.page.waitForURL(/interaction/);
    await consent(visit.page);
    await visit.page.waitForURL(/\/back/);
    const other = await openVisit(stage);
    await other.page.goto(visit.page.url());
    const config = JSON.stringify({ host: stage.platform.url, connectSessionToken: await stage.session() });
    expect(await other.page.evaluate(`note(new clients.Bowline(${config}).handleRedirect())`)).toEqual({ result: null });
    await other.close();
  });
});
