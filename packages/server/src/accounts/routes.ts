/** The doors of accounts: sign in and out, the account's keys, and what these keys may do. */
import { account } from '@bowline/api/account';
import { dashboard, type Session } from '@bowline/api/dashboard';
import manifest from '../../package.json' with { type: 'json' };
import type { World } from '../base/world.ts';
import { listApiKeys, wireApiKey } from '../environments/api-key.ts';
import { createApiKey } from '../environments/create-api-key.ts';
import { createForAccount } from '../environments/create-for-account.ts';
import { deleteEnvironment } from '../environments/delete.ts';
import { deleteApiKey } from '../environments/delete-api-key.ts';
import { wireEnvironment } from '../environments/environment.ts';
import { findOwnEnvironment, listEnvironments } from '../environments/find.ts';
import { publishLive } from '../http/live.ts';
import type { Serve } from '../http/serve.ts';
import { endSession, SESSION_COOKIE, setSessionCookie } from './session.ts';
import { signIn } from './sign-in.ts';
import { createSignInLimits } from './sign-in-limits.ts';

type Needs = Pick<World, 'db' | 'config' | 'clock' | 'random' | 'keyring' | 'bus' | 'outbound'>;

export function bindAccountRoutes(serve: Serve, world: Needs): void {
  bindSession(serve, world);
  bindAccountKeys(serve, world);

  serve(account.createEnvironment).by(async ({ body }, scope) => {
    const { id, name } = await createForAccount(world, scope, body);
    return { data: { id, name } };
  });

  serve(account.deleteEnvironment).by(async ({ params }, scope) => {
    await deleteEnvironment(world, scope, params.environmentId);
    return undefined;
  });

  serve(account.createApiKey).by(async ({ body }, { accountId }) => {
    const environment = await findOwnEnvironment(world, accountId, body.environment_id);
    const key = await createApiKey(world, { environment }, { displayName: body.display_name });
    publishLive(world, environment.id, 'environment');
    const { id, display_name, scopes, secret, created_at } = wireApiKey(key);
    return { data: { id, display_name, scopes, secret, created_at } };
  });

  serve(account.deleteApiKey).by(async ({ body }, { accountId }) => {
    const environment = await findOwnEnvironment(world, accountId, body.environment_id);
    await deleteApiKey(world, { environment }, body.key_id);
    publishLive(world, environment.id, 'environment');
    return { success: true };
  });
}

function bindSession(serve: Serve, world: Needs): void {
  const limits = createSignInLimits(world);

  serve(dashboard.signIn).by(async ({ body }, _scope, { request, reply }) => {
    const { member, token } = await signIn(world, limits, { ...body, ip: request.ip });
    setSessionCookie(world, reply, token);
    return wireSession(world, member.accountId, member);
  });

  serve(dashboard.session).by(async (_input, { member, environment }, { request, reply }) => {
    // The dashboard asks at each load: the cookie's life follows the session's, which was just prolonged.
    setSessionCookie(world, reply, request.cookies[SESSION_COOKIE]);
    return wireSession(world, environment.accountId, member);
  });

  serve(dashboard.signOut).by(async (_input, _scope, { request, reply }) => {
    await endSession(world, request.cookies[SESSION_COOKIE]);
    setSessionCookie(world, reply, undefined);
    return { success: true };
  });
}

function bindAccountKeys(serve: Serve, world: Needs): void {
  serve(dashboard.accountKeys).by(async (_input, { environment: { accountId } }) => ({
    keys: (await listApiKeys(world, { accountId })).map(wireApiKey),
  }));

  serve(dashboard.createAccountKey).by(async ({ body }, { environment: { accountId } }) =>
    wireApiKey(await createApiKey(world, { accountId }, { displayName: body.display_name, scopes: body.scopes })),
  );

  serve(dashboard.deleteAccountKey).by(async ({ params }, { environment: { accountId } }) => {
    await deleteApiKey(world, { accountId }, params.id);
    return { success: true };
  });
}

async function wireSession(world: Pick<World, 'db' | 'config'>, accountId: number, { email, name }: Session['member']): Promise<Session> {
  const environments = await listEnvironments(world, accountId);
  return {
    member: { email, name },
    environments: environments.map(wireEnvironment),
    api_url: world.config.publicUrl,
    version: manifest.version,
  };
}
