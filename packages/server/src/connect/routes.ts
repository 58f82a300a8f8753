/** The doors of connecting: sessions for backends, forms and the OAuth redirects for browsers. */
import { connect } from '@bowline/api/connect';
import { dashboard } from '@bowline/api/dashboard';
import { Problem, problem } from '@bowline/api/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { World } from '../base/world.ts';
import type { HookedWorld } from '../connections/hooks.ts';
import { CredentialsError } from '../credentials/failure.ts';
import type { Serve } from '../http/serve.ts';
import { readAppearance, saveAppearance } from './appearance.ts';
import { type Beginning, findAttempt, takeBeginning } from './attempt.ts';
import { beginAttempt, overrideOf } from './begin.ts';
import { beginOutbound } from './begin-outbound.ts';
import { finishOauth, stateIn } from './callback.ts';
import { createReconnectSession, createSession } from './create.ts';
import { describeSession } from './describe-session.ts';
import { tell } from './live.ts';
import { type PageResult, resultPage } from './page.ts';
import { endSession, resolveSession } from './session.ts';
import { startOauth } from './start.ts';
import { cookieName } from './state.ts';
import { submitCredentials } from './submit.ts';

export function bindConnectRoutes(serve: Serve, world: HookedWorld): void {
  serve(connect.createSession).by(async ({ body }, scope) => ({ data: await createSession(world, scope, body) }));
  serve(connect.reconnectSession).by(async ({ body }, scope) => ({ data: await createReconnectSession(world, scope, body) }));
  serve(connect.deleteSession).by(async (_input, scope) => {
    await endSession(world, scope, scope.sessionId);
    return undefined;
  });
  serve(connect.getSession).by((_input, scope) => describeSession(world, scope));
  serve(dashboard.connectUi).by((_input, scope) => readAppearance(world, scope));
  serve(dashboard.updateConnectUi).by(async ({ body }, scope) => {
    await saveAppearance(world, scope, body);
    return readAppearance(world, scope);
  });
  serve(connect.beginAttempt).by(async ({ body }, scope) => ({ data: await beginAttempt(world, scope, body) }));
  serve(connect.getAttempt).by(async ({ params }, scope) => ({ data: await findAttempt(world, scope, params.attempt) }));
  serve(connect.telemetry).by(async ({ body }) => {
    if (!body.token) throw problem('missing_auth_header', { message: 'Send the connect session token as "token"' });
    await resolveSession(world, body.token);
    return undefined; // Bowline reports on nobody: the call is answered for the sake of published clients
  });
  const forms = [
    [connect.apiKey, 'API_KEY'],
    [connect.basic, 'BASIC'],
    [connect.clientCredentials, 'OAUTH2_CC'],
    [connect.twoStep, 'TWO_STEP'],
    [connect.jwt, 'JWT'],
    [connect.signature, 'SIGNATURE'],
    [connect.bill, 'BILL'],
    [connect.tba, 'TBA'],
    [connect.awsSigV4, 'AWS_SIGV4'],
    [connect.unauthenticated, 'NONE'],
  ] as const;
  serve(connect.outbound).by(({ params, query }, scope) => beginOutbound(world, scope, { ...params, query }));
  for (const [route, authMode] of forms) {
    serve(route).by(({ params, query, body }, scope) =>
      submitCredentials(world, scope, { ...params, query, authMode, values: { ...body } }),
    );
  }
}

/** The two redirects answer pages, not JSON: a person looks at them. */
export function bindOauthPages(app: FastifyInstance, world: HookedWorld): void {
  /** Of the published clients: everything is in the query. */
  app.get('/oauth/connect/:providerConfigKey', async (request, reply) => {
    const query = request.query as Record<string, unknown>; // parsed by qs; each value is checked below
    const wsClientId = text(query.ws_client_id);
    const { providerConfigKey } = request.params as { providerConfigKey: string }; // named in the path above
    try {
      const token = text(query.connect_session_token);
      if (token === undefined) throw problem(query.public_key ? 'deprecated_authentication' : 'missing_public_key');
      const { scope } = await resolveSession(world, token);
      const beginning = await startOauth(world, scope, {
        providerConfigKey,
        connectionId: text(query.connection_id),
        params: texts(query.params),
        authorizationParams: texts(query.authorization_params),
        override: overrideOf(texts(query.credentials)),
        waiting: { wsClientId },
      });
      return await sendToProvider(world, reply, beginning);
    } catch (error) {
      const result = describe(error);
      if (!result) throw error;
      const { errorType, message } = result;
      await tell(
        world,
        { wsClientId },
        {
          message_type: 'error',
          provider_config_key: providerConfigKey,
          connection_id: undefined,
          error_type: errorType,
          error_desc: message,
        },
      );
      return sendPage(world, reply, result);
    }
  });

  app.get('/oauth/start/:ticket', async (request, reply) => {
    const { ticket } = request.params as { ticket: string }; // named in the path above
    const beginning = await takeBeginning(world, ticket);
    return beginning ? sendToProvider(world, reply, beginning) : sendPage(world, reply, usedTicket);
  });

  const comeBack = async (request: FastifyRequest, reply: FastifyReply) => {
    const query = texts(request.query);
    const { page, returnTo } = await finishOauth(world, { query, isSameBrowser: (state) => holdsCookie(request, state) });
    const state = stateIn(query);
    if (state) reply.clearCookie(cookieName(state), { path: COOKIE_PATH });
    return returnTo === undefined ? sendPage(world, reply, page) : reply.header('cache-control', 'no-store').redirect(returnTo, 302);
  };
  app.get('/oauth/callback', comeBack);
  // Where installations of apps come back to.
  app.get('/app-auth/connect', comeBack);
}

const usedTicket: PageResult = {
  ok: false,
  title: 'This sign-in can’t be started',
  message: 'Its address was opened before, or is older than five minutes. Close this window and connect again.',
  errorType: 'state_err',
};

/** Two doors of ours need it. */
const COOKIE_PATH = '/';

/** The cookie tells the callback that it is the same browser. */
function sendToProvider(world: World, reply: FastifyReply, { url, state }: Beginning): FastifyReply {
  reply.setCookie(cookieName(state), '1', { path: COOKIE_PATH, httpOnly: true, maxAge: 3600, ...cookieRules(world) });
  return reply.header('cache-control', 'no-store').redirect(url, 302);
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(Object(value)).flatMap(([key, one]) => (typeof one === 'string' ? [[key, one] as const] : [])));

/** On https the popup may be inside another site's frame; plain http is for local use, where Lax is enough. */
const cookieRules = ({ config }: World) =>
  config.publicUrl.startsWith('https:') ? ({ secure: true, sameSite: 'none' } as const) : ({ sameSite: 'lax' } as const);
const holdsCookie = (request: FastifyRequest, state: string) => request.cookies[cookieName(state)] === '1';

function describe(error: unknown): (PageResult & { ok: false }) | undefined {
  const title = 'The connection can’t be started';
  if (error instanceof CredentialsError) return { ok: false, title, message: error.message, errorType: error.code };
  if (!(error instanceof Problem)) return undefined;
  return { ok: false, title, message: error.message, errorType: error.code };
}

function sendPage(world: World, reply: FastifyReply, result: PageResult): FastifyReply {
  const nonce = world.random.bytes(16).toString('base64');
  return reply
    .code(result.ok ? 200 : 400)
    .headers({
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      // The address of this page holds the code and the state.
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .type('text/html; charset=utf-8')
    .send(resultPage(result, nonce));
}
