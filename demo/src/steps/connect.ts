/**
 * An end user connects: the OAuth 2 code flow as a browser walks it, over HTTP, with its cookies, through the emulator's consent page.
 */
import { expectEqual, Unexpected } from '../expect.ts';
import { INTEGRATION, type Step } from '../stage.ts';

const LOOK = 'Activity → the operation of type "auth" tells how far the flow came.';

const connected: Step = {
  name: 'account connected',
  run: async ({ api, running, beside: { emulator, client }, found }) => {
    const session = await api.connect.createSession({
      query: {},
      body: { end_user: { id: 'demo-user', email: 'ada@example.com', display_name: 'Ada' }, allowed_integrations: [INTEGRATION] },
    });
    const browser = new Browser();
    const start = await browser.get(`${running.url}/oauth/connect/${INTEGRATION}?connect_session_token=${session.data.token}`);
    const consent = redirectOf('GET /oauth/connect', start);
    const asked = Object.fromEntries(consent.searchParams);
    expectEqual('Where the browser is sent', `${consent.origin}${consent.pathname}`, `${emulator.url}/login/oauth/authorize`, LOOK);
    expectEqual(
      'The request for consent',
      {
        client: asked.client_id,
        response: asked.response_type,
        pkce: asked.code_challenge_method,
        challenge: asked.code_challenge?.length,
      },
      { client: client.id, response: 'code', pkce: 'S256', challenge: 43 }, // SHA-256 in base64url
      LOOK,
    );
    if (!asked.state) throw new Unexpected('The request for consent', { expected: 'a state', came: consent.href, look: LOOK });

    const page = await (await browser.get(consent.href)).text();
    const { action, fields } = consentForm(page, 'octocat');
    const granted = redirectOf('The consent', await browser.post(new URL(action, consent).href, fields));
    expectEqual('State given back', granted.searchParams.get('state'), asked.state, LOOK);

    const end = await browser.get(granted.href);
    expectEqual('GET /oauth/callback', end.status, 200, LOOK);
    const { connections } = await api.connections.list({ query: { integrationId: INTEGRATION } });
    expectEqual('Connections', connections.length, 1, LOOK);
    const again = await browser.get(granted.href);
    expectEqual('The same callback a second time', again.status, 400, 'A state must be good for one use only.');
    found.connectionId = connections[0]?.connection_id ?? '';
    return 'OAuth 2 code flow: PKCE S256, single-use state, consent as octocat';
  },
};

/** Follows no redirect and keeps cookies by host: what the flow needs of a browser. */
class Browser {
  private readonly jar = new Map<string, Map<string, string>>();

  get(url: string): Promise<Response> {
    return this.send(url, {});
  }

  post(url: string, fields: Record<string, string>): Promise<Response> {
    return this.send(url, { method: 'POST', body: new URLSearchParams(fields) });
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    const { host } = new URL(url);
    const cookies = this.jar.get(host) ?? new Map<string, string>();
    this.jar.set(host, cookies);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: cookie ? { cookie } : {} });
    for (const text of response.headers.getSetCookie()) {
      const [name = '', value = ''] = text.split(';')[0]?.split(/=(.*)/s) ?? [];
      cookies.set(name, value);
    }
    return response;
  }
}

function redirectOf(what: string, response: Response): URL {
  const location = response.headers.get('location');
  if (response.status !== 302 || !location)
    throw new Unexpected(what, { expected: '302 with a location', came: response.status, look: LOOK });
  return new URL(location, response.url);
}

/** The form that signs in as one of the seeded users: plain HTML with hidden fields. */
function consentForm(page: string, login: string): { action: string; fields: Record<string, string> } {
  for (const [form] of page.matchAll(/<form[\s\S]*?<\/form>/g)) {
    const inputs = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const fields = Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, unescapeHtml(value)]));
    const action = form.match(/action="([^"]*)"/)?.[1];
    if (fields.login === login && action) return { action: unescapeHtml(action), fields };
  }
  throw new Unexpected('The consent page', { expected: `a form for ${login}`, came: page.slice(0, 500), look: LOOK });
}

function unescapeHtml(text: string): string {
  const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
}

export const connect: readonly Step[] = [connected];
