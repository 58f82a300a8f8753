/**
 * What the tests of connecting in a browser stand on: a platform, a real OAuth server that can isolate its pages, Chromium, and an app on
 * another site that has our browser package and the published one on its page.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import esbuild from 'esbuild';
import Provider from 'oidc-provider';
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright-core';
import { freePorts } from '../demo/src/place.ts';
import { dropHome, makeHome, type Platform, root, startPlatform } from './platform.ts';
import { writeOauthProvider, writeProvider } from './upstream.ts';

/** Answers are looked into by path; a wrong path fails the test. */
type Json = ReturnType<typeof JSON.parse>;
export type Stage = Awaited<ReturnType<typeof openStage>>;

/** @param handle what the app's own backend answers, below /api */
export async function openStage(handle?: (request: Request) => Promise<Response>) {
  const place = await makeHome();
  const folder = join(place.home, '..');
  const [port = 0] = await freePorts(1);
  const issuer = `http://127.0.0.1:${port}`;
  const options = {
    ...place,
    providers: [writeOauthProvider(folder, issuer), writeProvider(folder, issuer)],
    allow: [new URL(issuer).host],
  };
  const [first, browser, app] = await Promise.all([startPlatform(options), launch(), startApp(handle)]);
  const state = { platform: first };
  const oauth = await startOauth(issuer, `${first.url}/oauth/callback`);
  await first.fetch('/integrations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      unique_key: 'oidc',
      provider: 'oidc',
      credentials: { type: 'OAUTH2', client_id: 'bowline', client_secret: 'of-bowline', scopes: 'openid' },
    }),
  });
  return {
    get platform(): Platform {
      return state.platform;
    },
    oauth,
    app,
    browser,
    /** The platform dies and comes back on the same data and port. */
    restart: async () => {
      await state.platform.stop();
      state.platform = await startPlatform(options);
    },
    /** What a backend does for a person who is signed in with it. */
    session: async (more: object = {}): Promise<string> => {
      const body = JSON.stringify({ end_user: { id: 'ada' }, ...more });
      const answer = await state.platform.fetch('/connect/sessions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      const { data }: Json = await answer.json();
      return data.token;
    },
    connections: async (): Promise<string[]> => {
      const { connections }: Json = await (await state.platform.fetch('/connections')).json();
      return connections.map((one: { connection_id: string }) => one.connection_id);
    },
    close: async () => {
      await browser.close();
      await Promise.all([oauth.stop(), app.stop(), state.platform.stop()]);
      dropHome(place);
    },
  };
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** `oidc-provider` with its own pages to sign in and consent; any name and password will do. */
async function startOauth(issuer: string, redirectUri: string) {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'bowline',
        client_secret: 'of-bowline',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['k'] },
  });
  const pages: { isolated: boolean; asked: string[] } = { isolated: false, asked: [] };
  const answer: RequestListener = provider.callback();
  const server = await listen(
    (request, response) => {
      pages.asked.push(request.url ?? '');
      if (pages.isolated) response.setHeader('cross-origin-opener-policy', 'same-origin');
      answer(request, response);
    },
    Number(new URL(issuer).port),
  );
  return Object.assign(pages, { stop: () => stop(server) });
}

/** A page with both clients as globals: `Bowline` and `Published`. */
export async function startApp(handle?: (request: Request) => Promise<Response>) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(root, 'test/app-page.mjs')],
    bundle: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  const script = outputFiles[0]?.text ?? '';
  const seen: { path: string; referrer: string | undefined }[] = [];
  const pages = { policy: '' };
  const server = await listen(async (request, response) => {
    const path = request.url ?? '/';
    if (handle && path.startsWith('/api')) {
      const { method = 'GET', headers } = request;
      const body = method === 'GET' ? {} : { body: Buffer.concat(await request.toArray()) };
      const type = { 'content-type': headers['content-type'] ?? '' };
      const answer = await handle(new Request(`http://app${path}`, { method, headers: type, ...body }));
      return response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    }
    seen.push({ path, referrer: request.headers.referer });
    if (pages.policy !== '') response.setHeader('content-security-policy', pages.policy);
    const isScript = path.startsWith('/clients.js');
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html').end(isScript ? script : bodyOf(path, url));
    return undefined;
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return Object.assign(pages, { url, seen, stop: () => stop(server) });
}

const app = '<!doctype html><title>App</title><script src="/clients.js"></script><button>Connect</button>';
const frames: Record<string, string> = { '/frame': '', '/sandbox': 'sandbox="allow-scripts allow-same-origin"' };

/** Stands for the connect page: it says that it is there, and answers the token with all that it can say. */
const connectPage = `<!doctype html><title>Connect</title><script>
  addEventListener('message', ({ data, origin }) => {
    if (data.type !== 'session_token') return;
    parent.postMessage({ type: 'error', payload: { errorType: 'window_closed', errorMessage: 'closed' } }, '*');
    parent.postMessage({ type: 'connect', payload: { connectionId: data.sessionToken, providerConfigKey: origin } }, '*');
    parent.postMessage({ type: 'close' }, '*');
  });
  parent.postMessage({ type: 'ready' }, '*');
</script>`;

function bodyOf(path: string, url: string): string {
  if (path.startsWith('/connect/')) return connectPage;
  const rights = frames[path];
  return rights === undefined
    ? app
    : `<!doctype html><title>Outer</title><iframe src="${url}/app" ${rights} width="800" height="600"></iframe>`;
}

async function listen(answer: RequestListener, port = 0): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Signs in at the provider and consents, in whichever window its page is. */
export async function consent(window: Page): Promise<void> {
  await window.locator('input[name=login]').fill('ada');
  await window.locator('input[name=password]').fill('any');
  await window.locator('button[type=submit]').click();
  await window.locator('button[type=submit]', { hasText: 'Continue' }).click();
}

export async function deny(window: Page): Promise<void> {
  await window.locator('a[href$="/abort"]').click();
}

/** The page's own idea of who has the focus, which Playwright otherwise makes every page believe to be itself. */
export async function realFocus(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
}

type Client = 'Bowline' | 'Published';
export type Outcome = { result?: Record<string, unknown> | null; error?: { type: string; message: string; name: string } };
type Place = Page | Frame;
type Button = { client?: Client; token?: string; options?: object; config?: object; at?: Place };

/** A person's browser at the app: its button connects, what comes of each click is gathered in the page. */
export async function openVisit(stage: Stage) {
  const context = await stage.browser.newContext();
  /** Every address that a window of the browser asked for. */
  const addresses: string[] = [];
  context.on('request', (request) => addresses.push(request.url()));
  const page = await context.newPage();
  page.on('websocket', (socket) => addresses.push(socket.url()));
  await page.goto(stage.app.url);
  return {
    context,
    page,
    addresses,
    button: async ({ client = 'Bowline', token, options = {}, config = {}, at = page }: Button = {}): Promise<void> => {
      const connectSessionToken = token ?? (await stage.session());
      const setting = { client, config: { host: stage.platform.url, connectSessionToken, ...config }, options };
      await at.evaluate(`onClick(${JSON.stringify(setting)})`);
    },
    /** @returns the window that opens */
    click: async (at: Place = page): Promise<Page> => {
      const [popup] = await Promise.all([context.waitForEvent('page'), at.locator('button').click()]);
      return popup;
    },
    outcomes: async (count = 1, at: Place = page): Promise<Outcome[]> => {
      await at.waitForFunction(`outcomes.length >= ${count}`);
      return at.evaluate('outcomes');
    },
    close: () => context.close(),
  };
}
