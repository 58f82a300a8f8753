/** Connects to a provider, renews, calls it and tries its credentials, with the platform's own code and made-up values; notes every request. */
import { randomUUID } from 'node:crypto';
import type { Provider } from '@bowline/providers/provider';
import type { Access, IntegrationAccess } from '../../src/credentials/access.ts';
import type { AuthWorld, Finish, Granted, Started } from '../../src/credentials/auth-mode.ts';
import { authorize, signer } from '../../src/credentials/authorize.ts';
import type { Credentials } from '../../src/credentials/credentials.ts';
import { CredentialsError } from '../../src/credentials/failure.ts';
import { modes } from '../../src/credentials/modes.ts';
import { verify } from '../../src/credentials/verify.ts';
import { withAdditions } from '../../src/proxy/body.ts';
import { buildRequest } from '../../src/proxy/request.ts';
import { type Asked, startRecorder } from './recorder.ts';
import { answerOf, appKey, calledBack, type Fill, filled, secretOf, token, told, webhookOf } from './synthetic.ts';

export const clientId = 'client-1';
export const redirectUri = 'https://connect.example.com/oauth/callback';
export const state = 'state-8e4f';
export const code = 'code-2b6a';

export type Trace = {
  /** What is asked before a person is sent anywhere. */
  readonly before: readonly Asked[];
  readonly authorize?: URL;
  readonly kept: Readonly<Record<string, string>>;
  readonly exchange: readonly Asked[];
  readonly access: Access;
  readonly renewal?: readonly Asked[];
  readonly proxied?: Asked;
  readonly tried?: readonly Asked[];
};

/** @throws what the platform throws for an entry that cannot work */
export async function perform(provider: Provider, fill: Fill): Promise<Trace> {
  const { outbound, asked } = startRecorder(() => answerOf(provider, asked.length));
  const take = () => asked.splice(0);
  const bytes = (size: number) => Buffer.alloc(size, 7);
  const world: AuthWorld = { outbound, clock: { now: () => new Date() }, random: { bytes, uuid: randomUUID, fraction: () => 0.5 } };
  const integration = integrationOf(provider);
  const connectionConfig = { ...filled(provider, provider.connection_config, fill) };
  const mode = modes[provider.auth_mode];
  const input = { integration, connectionConfig, redirectUri, state, clientMetadataUrl: 'https://connect.example.com/client.json' };
  const stand = standIns[provider.auth_mode];
  const started = await orElse(() => mode.start(world, input), stand && { kind: 'form' });
  const before = take();
  const kept = started.kind === 'redirect' ? started.kept : {};
  const answer = answerFor(provider, started, { fill, kept });
  const own = stand ?? ('quirk' in provider && provider.quirk ? oauth2 : undefined);
  const granted = await orElse(
    () => mode.finish(world, { integration, connectionConfig, answer }),
    own && { credentials: own, connectionConfig },
  );
  const exchange = take();
  const access: Access = {
    integration,
    metadata: {},
    credentials: granted.credentials,
    connectionConfig: { ...told(provider), ...granted.connectionConfig },
  };
  const renewal = mode.renews(access) && !stand ? await renewed(mode.refresh(world, access), take, 'quirk' in provider) : undefined;
  const proxied = await call(world, access);
  take();
  if (provider.proxy?.verification) await verify(world, access);
  const tried = provider.proxy?.verification ? take() : undefined;
  return {
    before,
    ...(started.kind === 'redirect' ? { authorize: new URL(started.url) } : {}),
    kept,
    exchange,
    access,
    ...(renewal ? { renewal } : {}),
    ...(proxied ? { proxied } : {}),
    ...(tried ? { tried } : {}),
  };
}

/**
 * A sign-in that goes through more servers than the entry names (discovery, an STS), or is answered in a form that a vendor's quirk reads, goes
 * on with what is made up: those requests and answers have tests of their own.
 */
async function orElse<T>(act: () => Promise<T>, standIn: T | undefined): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CredentialsError) || standIn === undefined || error.code === 'url_param_err') throw error;
    return standIn;
  }
}

const oauth2: Credentials = { type: 'OAUTH2', access_token: token.access, refresh_token: token.refresh, raw: {} };
const standIns: Readonly<Partial<Record<Provider['auth_mode'], Credentials>>> = {
  MCP_OAUTH2_GENERIC: oauth2,
  CUSTOM: { type: 'CUSTOM', app: { type: 'APP', access_token: token.access, raw: {} }, user: null, raw: {} },
  AWS_SIGV4: {
    type: 'AWS_SIGV4',
    role_arn: 'arn:aws:iam::123456789012:role/sample',
    region: 'eu-central-1',
    service: 's3',
    external_id: 'external-1',
    access_key_id: 'AKIAIOSFODNN7EXAMPLE',
    secret_access_key: token.secret,
    session_token: token.access,
    raw: {},
  },
};

/** A renewal that a quirk cannot read has been asked for all the same. */
async function renewed(refresh: Promise<Granted>, take: () => Asked[], isOwn: boolean): Promise<Asked[]> {
  await refresh.catch((error: unknown) => {
    if (!isOwn || !(error instanceof CredentialsError)) throw error;
  });
  return take();
}

function integrationOf(provider: Provider): IntegrationAccess {
  return {
    provider,
    clientId,
    clientSecret: secretOf(provider),
    scopes: scopesOf(provider),
    custom: filled(provider, provider.integration_config, 'all'),
    app: { id: '12345', link: 'https://github.com/apps/sample', privateKey: appKey },
    plugin: { link: 'https://vendor.example.com/install', username: 'plugin-user', password: 'plugin-secret-4a' },
  };
}

export function scopesOf(provider: Provider): readonly string[] {
  const own = 'default_scopes' in provider ? provider.default_scopes : undefined;
  return own && own.length > 0 ? own : ['scope:one', 'scope:two'];
}

type Told = { readonly fill: Fill; readonly kept: Readonly<Record<string, string>> };

function answerFor(provider: Provider, started: Started, { fill, kept }: Told): Finish['answer'] {
  if (started.kind === 'form') return { kind: 'form', values: formOf(provider, fill) };
  if (started.kind === 'pending') return { kind: 'webhook', body: webhookOf(provider, code), pending: started.granted.credentials };
  const codeParam = 'authorization_code_param_in_callback' in provider ? provider.authorization_code_param_in_callback : undefined;
  const oauth1 = { oauth_token: kept.oauthToken ?? '', oauth_verifier: 'verifier-6f' };
  const query = { [codeParam ?? 'code']: code, state, installation_id: '4711', ...oauth1, ...calledBack(provider) };
  return { kind: 'callback', query, redirectUri, kept };
}

function formOf(provider: Provider, fill: Fill): Record<string, unknown> {
  const values: Record<string, unknown> = filled(provider, provider.credentials, fill);
  if (provider.auth_mode === 'BASIC') return { username: '', password: '', ...values };
  if (!('assertion_option' in provider) || !provider.assertion_option) return values;
  return { ...values, assertionOption: filled(provider, provider.assertion_option, fill) };
}

/** As the proxy does it: build, authenticate, add to the body, sign. */
async function call(world: AuthWorld, access: Access): Promise<Asked | undefined> {
  const { proxy } = access.integration.provider;
  if (!proxy?.base_url) return undefined;
  const built = buildRequest({ method: proxy.body ? 'post' : 'get', path: '/probe/path?x=1', headers: {} }, access, authorize(access));
  if (!built.ok) throw new Error(built.message);
  const { body, headers } = withAdditions(undefined, built.request);
  const recorder = startRecorder(() => '{}');
  const sign = signer(world, access);
  const { method, url } = built.request;
  await recorder.outbound.request(url, { method, headers, body: body ?? null, ...(sign ? { sign } : {}) });
  return recorder.asked[0];
}
