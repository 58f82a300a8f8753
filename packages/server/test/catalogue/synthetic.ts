/** Made-up values for a provider: what its forms are filled with, and an answer that holds all that its entry reads. */
import { generateKeyPairSync } from 'node:crypto';
import { checkValues, type Field } from '@bowline/providers/field';
import { urlsOf } from '@bowline/providers/gates/urls';
import type { Provider } from '@bowline/providers/provider';
import { sampleValue } from '@bowline/providers/sample';
import { generate } from 'selfsigned';

export type Fill = 'all' | 'required';

const rsa = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const ec = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const ed25519 = pem(generateKeyPairSync('ed25519'));
const certificate = await generate([{ name: 'commonName', value: 'client.example.com' }], { keyType: 'ec', algorithm: 'sha256' });

function pem({ privateKey }: { readonly privateKey: { export: (options: { type: 'pkcs8'; format: 'pem' }) => string | Buffer } }): string {
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** What the platform keeps of a form that a person fills: all of it, or only what must be. */
export function filled(provider: Provider, fields: Readonly<Record<string, Field>> | undefined, fill: Fill): Record<string, string> {
  const given = Object.entries(fields ?? {}).flatMap(([name, field]) => {
    if (field.automated || (fill === 'required' && (field.optional || field.hidden || field.default_value !== undefined))) return [];
    return [[name, keyFor(provider, name, field) ?? sampleValue(field) ?? `sample-${name}`] as const];
  });
  const { values } = checkValues(fields ?? {}, Object.fromEntries(given), { defaults: 'all' });
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/** Keys must be keys: they are signed with. */
function keyFor(provider: Provider, name: string, { pattern, example }: Field): string | undefined {
  if (pattern !== undefined || example !== undefined) return undefined;
  if (/certificate$/i.test(name)) return certificate.cert;
  if (!/private_?key|^pem$/i.test(name)) return undefined;
  if (name === 'client_private_key' && Object.hasOwn(provider.credentials ?? {}, 'client_certificate')) return certificate.private;
  const text = JSON.stringify(provider);
  if (text.includes('ed25519Sign')) return ed25519;
  return /"protocol":"EC"|"alg":"ES256"/.test(text) ? ec : rsa;
}

/** What the provider fills in by itself, or a look-up after connecting. */
export function told(provider: Provider): Record<string, string> {
  const automated = Object.entries(provider.connection_config ?? {}).filter(([, field]) => field.automated);
  const read = JSON.stringify(provider).matchAll(/\$\{connectionConfig\.([^}]+?)\}/g);
  const undeclared = [...read].map(([, name = '']) => name).filter((name) => !Object.hasOwn(provider.connection_config ?? {}, name));
  const lookedUp = (provider.connection_configuration ?? []).map((name) => [
    name,
    valueAt(provider, `connectionConfig.${name}`, provider.connection_config?.[name]),
  ]);
  return Object.fromEntries([
    ...lookedUp,
    ...undeclared.map((name) => [name, valueAt(provider, `connectionConfig.${name}`)]),
    ...automated.map(([name, field]) => [name, valueAt(provider, `connectionConfig.${name}`, field)]),
  ]);
}

/** An address where a URL begins with it; else what its field takes. */
function valueAt(provider: Provider, placeholder: string, field?: Field): string {
  const sample = field && sampleValue(field);
  const leads = urlsOf(provider).some(([, url]) => url.split('||').some((side) => side.trim().startsWith(`\${${placeholder}}`)));
  if (!leads) return sample ?? 'told1';
  return /^https?:/.test(sample ?? '') ? String(sample) : 'https://told.example.com';
}

export const token = {
  access: 'access-token-7f3a',
  refresh: 'refresh-token-91bc',
  secret: 'token-secret-5d2e',
  second: 'second-token-3c1d',
} as const;

/** The answer to a request of a sign-in, by its number: the standard's, with what this entry reads besides. */
export function answerOf(provider: Provider, step: number): string {
  if (provider.auth_mode === 'OAUTH1')
    return `oauth_token=${token.access}&oauth_token_secret=${token.secret}&oauth_callback_confirmed=true`;
  const answer: Record<string, unknown> = {
    access_token: token.access,
    refresh_token: token.refresh,
    token_type: 'Bearer',
    expires_in: 3600,
    sessionId: token.access,
    token: token.access,
  };
  if (provider.auth_mode === 'TWO_STEP' && step <= (provider.additional_steps?.length ?? 0)) {
    for (const inner of readOf(provider, step)) place(answer, inner, stepValue(provider, inner));
    return JSON.stringify(answer);
  }
  for (const name of listed(provider, 'token_response_metadata')) place(answer, name, fieldValue(provider, name));
  for (const name of listed(provider, 'token_response_secrets')) place(answer, name, token.second);
  if (provider.auth_mode !== 'TWO_STEP') return JSON.stringify(answer);
  const {
    token: path,
    refresh_token: refresh,
    token_expiration: expiration,
    token_expiration_strategy: strategy,
  } = provider.token_response;
  for (const inner of readOf(provider, step)) place(answer, inner, stepValue(provider, inner));
  if (expiration) place(answer, expiration, strategy === 'expireAt' ? '2099-01-01T00:00:00Z' : 3600);
  if (refresh) place(answer, refresh, token.refresh);
  if (path !== '') place(answer, path, token.access);
  return JSON.stringify(answer);
}

/** What later requests read of the answer to one. */
function readOf(provider: Provider, step: number): string[] {
  const read = JSON.stringify(provider).matchAll(new RegExp(`\\$\\{step${step}\\.([^}]+)\\}`, 'g'));
  return [...read].map(([, inner = '']) => inner);
}

function listed(provider: Provider, key: 'token_response_metadata' | 'token_response_secrets'): readonly string[] {
  const value: unknown = Object.entries(provider).find(([name]) => name === key)?.[1];
  return Array.isArray(value) ? value.map(String) : [];
}

const fieldValue = (provider: Provider, name: string) => valueAt(provider, `connectionConfig.${name}`, provider.connection_config?.[name]);

function stepValue(provider: Provider, inner: string): string {
  const steps = provider.auth_mode === 'TWO_STEP' ? (provider.additional_steps ?? []) : [];
  return steps.some(({ token_url }) => new RegExp(`^\\$\\{step\\d+\\.${inner.replaceAll('.', '\\.')}\\}`).test(token_url))
    ? 'https://step.example.com'
    : 'step-value-1';
}

/** Puts a value where `dig` finds it. */
function place(target: Record<string, unknown>, path: string, value: unknown): void {
  const [key = '', ...rest] = path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  if (rest.length === 0) target[key] = value;
  else {
    const inner = target[key];
    const below: Record<string, unknown> = typeof inner === 'object' && inner !== null ? Object.assign(inner) : {};
    const next = /^\d+$/.test(rest[0] ?? '') && !Array.isArray(inner) ? Object.assign([], below) : below;
    target[key] = next;
    place(next, rest.join('.'), value);
  }
}

/** What comes back with a person besides the code. */
export function calledBack(provider: Provider): Record<string, string> {
  const names = 'redirect_uri_metadata' in provider ? (provider.redirect_uri_metadata ?? []) : [];
  return Object.fromEntries(names.map((name) => [name, fieldValue(provider, name)]));
}

/** A client's secret; one vendor's is the key that it signs with. */
export const secretOf = (provider: Provider) => ('quirk' in provider && provider.quirk === 'revolutBusiness' ? rsa : 's3cret/+=');
/** The webhook of a vendor that tells of an installation. */
export function webhookOf(provider: Provider, code: string): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (provider.auth_mode !== 'OAUTH2') return body;
  for (const name of provider.webhook_response_metadata ?? []) place(body, name, 'told1');
  place(body, provider.authorization_code_param_in_webhook ?? 'code', code);
  return body;
}

export const appKey = rsa;
