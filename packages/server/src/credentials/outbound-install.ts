/**
 * OAuth 2 whose installation begins at the vendor (`installation: outbound`): the person says who they are there, the connection waits,
 * and the vendor's webhook brings the code that is exchanged for tokens.
 */
import type { Oauth2Provider } from '@bowline/providers/provider';
import type { AuthWorld, Finish, Granted, Start, Started, WebhookBody } from './auth-mode.ts';
import { exchangeCode, newCredentials } from './code-grant.ts';
import { CredentialsError } from './failure.ts';
import type { Grant } from './grant.ts';
import { pick } from './token.ts';

export const isOutbound = ({ installation }: Oauth2Provider) => installation === 'outbound';

/** @throws CredentialsError `url_param_err` when nobody says who will install it */
export function awaitInstallation({ connectionConfig }: Start): Started {
  const { actor } = connectionConfig;
  if (typeof actor !== 'string' || actor === '') {
    throw new CredentialsError('url_param_err', 'say who installs the app at the provider: the parameter actor is empty');
  }
  return {
    kind: 'pending',
    granted: { credentials: {}, connectionConfig: { ...connectionConfig, pending: true }, pending: { awaits: awaiting(actor) } },
  };
}

export function completedBy(provider: Oauth2Provider, body: WebhookBody): string | undefined {
  const { id } = Object(body.actor);
  const isId = typeof id === 'string' || typeof id === 'number';
  return body.action === 'created' && isId && codeOf(provider, body) !== undefined ? awaiting(String(id)) : undefined;
}

const awaiting = (actor: string) => `actor:${actor}`;

/** @throws CredentialsError */
export async function finishInstallation(world: AuthWorld, grant: Grant & { provider: Oauth2Provider }, input: Finish): Promise<Granted> {
  const { provider } = grant;
  const code = input.answer.kind === 'webhook' ? codeOf(provider, input.answer.body) : undefined;
  if (input.answer.kind !== 'webhook' || code === undefined) {
    throw new CredentialsError('callback_err', 'this provider tells of an installation by a webhook; nothing else can complete it');
  }
  const { pending: _done, ...config } = input.connectionConfig;
  const told = pick(input.answer.body, provider.webhook_response_metadata);
  const connectionConfig = { ...config, ...told };
  const { token, answer } = await exchangeCode(world, grant, { integration: input.integration, connectionConfig, code: { value: code } });
  const account = Object.values(told).join(' ');
  return { credentials: newCredentials(token, answer), connectionConfig, ...(account ? { account } : {}) };
}

function codeOf({ authorization_code_param_in_webhook: path }: Oauth2Provider, body: WebhookBody): string | undefined {
  const code = path === undefined ? undefined : pick(body, [path])[path];
  return typeof code === 'string' && code !== '' ? code : undefined;
}
