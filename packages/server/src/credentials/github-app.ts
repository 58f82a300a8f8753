/**
 * What a GitHub App does with its own key: it signs a token for itself, and exchanges that for one of an installation.
 * Both live shortly: ten minutes at most, and an hour.
 */
import { createPrivateKey } from 'node:crypto';
import type { TemplateScope } from '@bowline/providers/template';
import { fillUrl } from '@bowline/providers/url-template';
import { SignJWT } from 'jose';
import { readText } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import { type IntegrationAccess, templateScope } from './access.ts';
import type { AuthMode, AuthWorld, ConnectionConfig, Start } from './auth-mode.ts';
import type { CredentialsOf } from './credentials.ts';
import { CredentialsError, classify, classifyOutbound } from './failure.ts';
import { readBody, readError } from './token.ts';

export type App = NonNullable<IntegrationAccess['app']>;
export type AppCredentials = CredentialsOf<'APP'>;

/** The vendor refuses more than ten minutes, and counts from its own clock. */
const LIFETIME_S = 9 * 60;
const SKEW_S = 60;

/** @throws CredentialsError `provider_config_err` */
export function appOf({ app }: IntegrationAccess): App {
  if (app) return app;
  throw new CredentialsError('provider_config_err', 'the integration has no app; set its id, its link and its private key in the settings');
}

/** It becomes part of an address. */
export const isInstallationId = (id: string) => /^[0-9]{1,20}$/.test(id);

/** Where a person installs the app; the provider hands `state` back. @param template reads the app's link as `connectionConfig.appPublicLink` */
export function installationPage(template: string, { integration, connectionConfig, state }: Start): string {
  const scope = templateScope({ integration, connectionConfig: { ...connectionConfig, appPublicLink: appOf(integration).link } });
  const filled = fillUrl(template, scope);
  if (!filled.ok) throw new CredentialsError('url_param_err', `the page to install the app cannot be built: ${filled.message}`);
  filled.url.searchParams.set('state', state);
  return filled.url.href;
}

/** The token by which the app itself speaks (RS256). */
export async function signAppToken({ clock }: Pick<AuthWorld, 'clock'>, { id, privateKey }: App): Promise<string> {
  const now = Math.floor(clock.now().getTime() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(id)
    .setIssuedAt(now - SKEW_S)
    .setExpirationTime(now + LIFETIME_S)
    .sign(createPrivateKey(privateKey));
}

export const appToken: NonNullable<AuthMode['appToken']> = (world, integration) => signAppToken(world, appOf(integration));

/** @param urlTemplate where a token of `connectionConfig.installation_id` is made. @throws CredentialsError */
export async function installationToken(
  world: Pick<AuthWorld, 'clock' | 'outbound'>,
  integration: IntegrationAccess,
  { urlTemplate, connectionConfig }: { urlTemplate: string; connectionConfig: ConnectionConfig },
): Promise<AppCredentials> {
  const jwtToken = await signAppToken(world, appOf(integration));
  const url = addressOf(urlTemplate, templateScope({ integration, connectionConfig }));
  const { status, text } = await post(world, url.href, jwtToken);
  const answer = readBody(text);
  const { token, expires_at } = answer ?? {};
  if (status < 300 && answer && typeof token === 'string' && token !== '') {
    const expiresAt = typeof expires_at === 'string' ? new Date(expires_at) : undefined;
    const lasts = expiresAt && !Number.isNaN(expiresAt.getTime()) ? { expires_at: expiresAt.toISOString() } : {};
    return { type: 'APP', access_token: token, ...lasts, raw: { ...answer }, jwtToken };
  }
  if (status < 300)
    throw new CredentialsError('unable_to_parse_token_response', `${url.host} answered ${status} without a token`, { status });
  throw refusal(url.host, status, readError(answer).description);
}

function addressOf(template: string, scope: TemplateScope): URL {
  const filled = fillUrl(template, scope);
  if (filled.ok) return filled.url;
  throw new CredentialsError('url_param_err', `the address of the installation's tokens cannot be built: ${filled.message}`);
}

async function post({ outbound }: Pick<AuthWorld, 'outbound'>, url: string, jwtToken: string): Promise<{ status: number; text: string }> {
  try {
    const response = await outbound.request(url, {
      method: 'POST',
      headers: { accept: 'application/vnd.github.v3+json', authorization: `Bearer ${jwtToken}`, 'user-agent': 'Bowline' },
      headersTimeoutMs: 30_000,
      bodyIdleTimeoutMs: 30_000,
    });
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new CredentialsError('token_err', error.message, { kind: classifyOutbound(error), providerError: error.reason });
  }
}

/** Whose turn it is: a wrong key is the developer's to mend; an installation that is gone or suspended, the person's. */
function refusal(host: string, status: number, said: string | undefined): CredentialsError {
  const reasons: Record<number, string> = {
    401: 'the key or the id of the app is wrong; compare both with what the provider shows',
    403: 'the installation is suspended, or the app may not use it; its owner can allow it again at the provider',
    404: 'there is no such installation of this app; the person has to install it again',
  };
  const kind = status === 401 ? 'misconfigured' : classify(status);
  const told = said === undefined ? '' : ` (${said.slice(0, 300)})`;
  const message = `${host} refused a token for the installation with status ${status}${told}: ${reasons[status] ?? 'try again later'}`;
  return new CredentialsError('token_err', message, { kind: status === 404 ? 'revoked' : kind, status });
}
