/** Asks AWS STS, or a service of the developer's in its place, for temporary credentials of a role; and who they belong to. */
import { awsHeaders } from '@bowline/providers/aws-signature';
import { type OutboundRequest, readText } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import { readAnswer } from './answer.ts';
import type { AuthWorld } from './auth-mode.ts';
import { type AwsConfig, stsUrl } from './aws-config.ts';
import { CredentialsError, classifyOutbound, type FailureKind } from './failure.ts';

export type Role = { readonly arn: string; readonly externalId: string; readonly region: string };
export type TemporaryKeys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
};

const VERSION = '2011-06-15';
const LIFETIME_SECONDS = 3600;

/** @throws CredentialsError `token_err` */
export async function assumeRole(world: AuthWorld, config: AwsConfig, role: Role): Promise<TemporaryKeys> {
  const text =
    config.sts.mode === 'builtin' ? await askAws(world, config, role) : await askService(world, config.sts, config.service, role);
  const keys = readKeys(text, world.clock.now());
  if (keys) return keys;
  throw new CredentialsError('unable_to_parse_token_response', 'the answer for the role holds no access key, secret key and session token');
}

async function askAws(world: AuthWorld, config: AwsConfig, role: Role): Promise<string> {
  if (config.sts.mode !== 'builtin') throw new TypeError('no keys for AWS STS');
  const keys = config.sts;
  const body = new URLSearchParams({
    Action: 'AssumeRole',
    Version: VERSION,
    RoleArn: role.arn,
    RoleSessionName: `bowline-${world.random.bytes(8).toString('hex')}`,
    ExternalId: role.externalId,
    DurationSeconds: String(LIFETIME_SECONDS),
  }).toString();
  const { status, text } = await ask(world, stsUrl(config, role.region), {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body,
    sign: (hop) => awsHeaders(hop, keys, { service: 'sts', region: role.region }, world.clock.now()),
  });
  if (status < 300) return text;
  const code = find(text, 'Code') ?? 'no reason given';
  const hint =
    code === 'AccessDenied' ? `; its trust policy must name our account as principal and ${role.externalId} as the external id` : '';
  throw new CredentialsError('token_err', `AWS did not let this role be assumed (${code.slice(0, 100)})${hint}`, {
    kind: kindOf(status, code),
    providerError: code,
    status,
  });
}

async function askService(
  world: AuthWorld,
  { url, headers }: Extract<AwsConfig['sts'], { mode: 'custom' }>,
  service: string,
  role: Role,
): Promise<string> {
  const { status, text } = await ask(world, url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ role_arn: role.arn, external_id: role.externalId, region: role.region, service }),
  });
  if (status < 300) return text;
  throw new CredentialsError('token_err', `${new URL(url).host} gave no credentials for this role: it answered ${status}`, {
    kind: kindOf(status, undefined),
    status,
  });
}

/** The ARN that the keys belong to. @throws CredentialsError `token_err` when AWS does not take them */
export async function callerOf(world: AuthWorld, config: AwsConfig, region: string, keys: TemporaryKeys): Promise<string | undefined> {
  const url = `${stsUrl(config, region)}?Action=GetCallerIdentity&Version=${VERSION}`;
  const { status, text } = await ask(world, url, {
    headers: { accept: 'application/xml' },
    sign: (hop) => awsHeaders(hop, keys, { service: 'sts', region }, world.clock.now()),
  });
  if (status < 300) return find(text, 'Arn');
  const code = find(text, 'Code');
  throw new CredentialsError('token_err', `AWS does not take the credentials of this role (${code ?? `status ${status}`})`, {
    kind: kindOf(status, code),
    providerError: code,
    status,
  });
}

async function ask(world: AuthWorld, url: string, request: OutboundRequest): Promise<{ status: number; text: string }> {
  try {
    const response = await world.outbound.request(url, { ...request, headersTimeoutMs: 30_000, bodyIdleTimeoutMs: 30_000 });
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new CredentialsError('token_err', error.message, { kind: classifyOutbound(error), providerError: error.reason });
  }
}

/** What STS says of its own accord: of the role and its trust, of our keys, of its load. */
const kinds: Readonly<Record<string, FailureKind>> = {
  AccessDenied: 'revoked',
  InvalidClientTokenId: 'misconfigured',
  SignatureDoesNotMatch: 'misconfigured',
  RegionDisabledException: 'misconfigured',
  Throttling: 'transient',
};

function kindOf(status: number, code: string | undefined): FailureKind {
  const known = code === undefined ? undefined : kinds[code];
  if (known) return known;
  if (status === 429) return 'transient';
  return status >= 500 ? 'provider_down' : 'misconfigured';
}

function readKeys(text: string, now: Date): TemporaryKeys | undefined {
  const accessKeyId = find(text, 'AccessKeyId');
  const secretAccessKey = find(text, 'SecretAccessKey');
  const sessionToken = find(text, 'SessionToken');
  if (!accessKeyId || !secretAccessKey || !sessionToken) return undefined;
  const told = moment(find(text, 'Expiration') ?? find(text, 'ExpiresAt'));
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt: told ?? new Date(now.getTime() + LIFETIME_SECONDS * 1000) };
}

/** A value of an answer by its name, however deep and spelt: `AccessKeyId`, `accessKeyId`, `access_key_id`. */
function find(text: string, name: string): string | undefined {
  return named(readAnswer({ text }), name.toLowerCase());
}

function named(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key.replaceAll('_', '').toLowerCase() === name && (typeof inner === 'string' || typeof inner === 'number')) return String(inner);
    const below = named(inner, name);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** Epoch seconds, epoch milliseconds, or a date. */
function moment(value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  const date = new Date(Number.isNaN(count) ? value : count < 1e12 ? count * 1000 : count);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
