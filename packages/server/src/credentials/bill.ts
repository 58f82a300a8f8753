/**
 * Auth mode BILL: a sign-in of BILL's own. A session lasts 35 minutes, and a refresh signs in again; where the developer key and the
 * session go is in the provider's headers.
 */

import { fillUrl } from '@bowline/providers/url-template';
import { z } from 'zod';
import { templateScope } from './access.ts';
import { readAnswer, refused } from './answer.ts';
import { askProvider } from './ask-provider.ts';
import { type AuthMode, type AuthWorld, always, asksWithForm, declaredFields, type Finish, type Granted } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';
import { readForm } from './form.ts';

const required = z.string().min(1).max(1024);
const form = z.object({ username: required, password: required, organization_id: required, dev_key: required });
type Login = z.infer<typeof form>;
const signedIn = z.looseObject({ sessionId: z.string().min(1), organizationId: z.string().optional(), userId: z.string().optional() });
const sessionMs = 35 * 60_000;

export const bill: AuthMode = {
  fields: declaredFields,
  start: asksWithForm,
  finish: async (world, input) => signIn(world, input, readForm(form, input.answer)),
  refresh: async (world, access) => {
    if (access.credentials.type !== 'BILL') throw new TypeError(`cannot sign in with ${access.credentials.type ?? 'no'} credentials`);
    return signIn(world, access, access.credentials);
  },
  renews: always,
  apply: () => ({ headers: {}, query: {} }),
};

async function signIn(world: AuthWorld, from: Pick<Finish, 'integration' | 'connectionConfig'>, login: Login): Promise<Granted> {
  const { provider } = from.integration;
  if (provider.auth_mode !== 'BILL') throw new TypeError(`${provider.name} is ${provider.auth_mode}, not BILL`);
  const filled = fillUrl(provider.token_url, templateScope(from));
  if (!filled.ok) throw new CredentialsError('url_param_err', `the sign-in URL cannot be built: ${filled.message}`);
  const { username, password, organization_id, dev_key } = login;
  const now = world.clock.now();
  const { status, text } = await askProvider(
    world.outbound,
    {
      method: 'POST',
      url: filled.url,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'Bowline' },
      body: JSON.stringify({ username, password, organizationId: organization_id, devKey: dev_key }),
    },
    'token_err',
  );
  const body = readAnswer({ text });
  const answer = signedIn.safeParse(body);
  if (status >= 300 || !answer.success) {
    throw refused({ code: 'token_err', host: filled.url.host, status, answer: body, secrets: [password, dev_key, username] });
  }
  return {
    credentials: {
      type: 'BILL',
      username,
      password,
      organization_id: answer.data.organizationId ?? organization_id,
      dev_key,
      session_id: answer.data.sessionId,
      ...(answer.data.userId === undefined ? {} : { user_id: answer.data.userId }),
      expires_at: new Date(now.getTime() + sessionMs).toISOString(),
      raw: answer.data,
    },
    connectionConfig: from.connectionConfig,
  };
}
