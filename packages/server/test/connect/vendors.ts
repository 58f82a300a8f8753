/**
 * Sign-ins of vendors as their documentation has them, which check what they get. A platform whose catalogue is the real one, but for the
 * addresses; a person who connects through the public routes; an app that calls through the proxy.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, type Received, startUpstream, type Upstream } from '../upstream.ts';

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const pem = (key: typeof rsa.privateKey, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8') =>
  key.export({ type, format: 'pem' }).toString();

const routes = { TWO_STEP: 'two-step', JWT: 'jwt', SIGNATURE: 'signature', BILL: 'bill' };

export type Vendors = {
  readonly upstream: Upstream;
  readonly platform: Platform;
  /** What the provider's clock says: the platform's. */
  now(): Date;
  /** As a browser does; `params` is the connection's configuration. */
  connect(mode: keyof typeof routes, integration: string, body: object, params?: Record<string, string>): Promise<Answer>;
  /** The same where it must work. @returns the connection id */
  connected(...asked: Parameters<Vendors['connect']>): Promise<string>;
  call(integration: string, connectionId: string, path: string): Promise<Answer>;
  /** The connection whole, as a backend gets it; renewed first with `force`. */
  read(integration: string, connectionId: string, force?: boolean): Promise<Answer>;
};

/**
 * @param catalogue by name, what an operator's file has over the built-in one or instead; `API` stands for the upstream's address
 * @param presets by name, the `integration_config` of its integration
 */
export async function startVendors(
  catalogue: Readonly<Record<string, string>>,
  presets: Readonly<Record<string, Record<string, string>>> = {},
): Promise<Vendors> {
  const upstream = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'bowline-vendors-'));
  for (const [name, text] of Object.entries(catalogue)) writeFileSync(join(folder, `${name}.yaml`), text.replaceAll('API', upstream.url));
  const platform = await startPlatform({ worker: false, providers: [folder], allow: [`127.0.0.1:${upstream.port}`] });
  for (const name of Object.keys(catalogue)) {
    const more = presets[name] ? { integration_config: presets[name] } : {};
    const { status, body } = await platform.call('POST', '/integrations', { unique_key: name, provider: name, ...more });
    if (status !== 200) throw new Error(`could not create ${name}: ${JSON.stringify(body)}`);
  }
  const connect: Vendors['connect'] = async (mode, integration, body, params = {}) => {
    const session = await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
    const query = new URLSearchParams({ connect_session_token: session.body.data.token });
    for (const [name, value] of Object.entries(params)) query.set(`params[${name}]`, value);
    // As published clients do, which name the mode in the body too.
    return platform.call('POST', `/auth/${routes[mode]}/${integration}?${query}`, { type: mode, ...body });
  };
  return {
    upstream,
    platform,
    now: () => platform.world.clock.now(),
    connect,
    connected: async (...asked) => {
      const answer = await connect(...asked);
      if (answer.status !== 200) throw new Error(`could not connect: ${JSON.stringify(answer.body)}`);
      return answer.body.connectionId;
    },
    call: (integration, connectionId, path) =>
      platform.call('GET', `/proxy${path}`, undefined, { 'provider-config-key': integration, 'connection-id': connectionId }),
    read: (integration, connectionId, force = false) =>
      platform.call('GET', `/connections/${connectionId}?provider_config_key=${integration}${force ? '&force_refresh=true' : ''}`),
  };
}

export const formOf = ({ body }: Received): Record<string, string> => Object.fromEntries(new URLSearchParams(body.toString()));
export const jsonOf = ({ body }: Received): Json => JSON.parse(body.toString());

/** An API that takes exactly one header value, whatever it is at the moment. */
export function guard(upstream: Upstream, path: string, header: string, expected: () => string): void {
  upstream.on(path, ({ headers }, response) => json(response, { ok: true }, headers[header] === expected() ? 200 : 401));
}
