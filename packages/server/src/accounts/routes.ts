/** The doors of accounts: sign in, who is signed in, sign out. */
import { dashboard, type Session } from '@bowline/api/dashboard';
import manifest from '../../package.json' with { type: 'json' };
import type { World } from '../base/world.ts';
import { wireEnvironment } from '../environments/environment.ts';
import { listEnvironments } from '../environments/find.ts';
import type { Serve } from '../http/serve.ts';
import { endSession, SESSION_COOKIE, setSessionCookie } from './session.ts';
import { signIn } from './sign-in.ts';
import { createSignInLimits } from './sign-in-limits.ts';

export function bindAccountRoutes(serve: Serve, world: Pick<World, 'db' | 'config' | 'clock' | 'random'>): void {
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

async function wireSession(world: Pick<World, 'db' | 'config'>, accountId: number, { email, name }: Session['member']): Promise<Session> {
  const environments = await listEnvironments(world, accountId);
  return {
    member: { email, name },
    environments: environments.map(wireEnvironment),
    api_url: world.config.publicUrl,
    version: manifest.version,
  };
}
