/**
 * A stand-in for GitHub as its documentation has it: tokens of installations only for a JWT that the app signed, users' tokens only for a
 * code that was not used, and an API that knows the tokens it gave out.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { appKey, githubApp } from '../github-app.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

export type GitHub = Upstream & {
  /** Answers of the token endpoint of an installation other than a token: `[403, 'suspended']`. */
  readonly refusals: Map<string, [status: number, message: string]>;
  /** The installations that a person may use, by their login. */
  readonly installations: Map<string, number[]>;
  /** Lifetime of the next user tokens; without it they do not end. */
  userLifetimeS: number | undefined;
  /** The clock of the platform, which a test moves. */
  now: () => Date;
  /** Refresh tokens that work once. */
  readonly refreshTokens: Set<string>;
  /** How often a token of an installation was given. */
  minted(): number;
  /** Files of providers: `github-app` and `github-app-oauth` at this server. */
  catalogue(): string[];
};

const INSTALLATIONS = ['100', '200', '300', '404'];

export async function startGitHub(): Promise<GitHub> {
  const upstream = await startUpstream();
  const known = new Map<string, string>();
  let count = 0;
  const github: GitHub = {
    ...upstream,
    refusals: new Map(),
    installations: new Map(),
    userLifetimeS: undefined,
    now: () => new Date(),
    refreshTokens: new Set(),
    minted: () => INSTALLATIONS.reduce((sum, id) => sum + upstream.received(`/app/installations/${id}/access_tokens`).length, 0),
    catalogue: () => catalogue(upstream.url),
  };
  for (const id of INSTALLATIONS) {
    upstream.on(`/app/installations/${id}/access_tokens`, async ({ headers }, response) => {
      const token = (headers.authorization ?? '').replace('Bearer ', '');
      const valid = await jwtVerify(token, appKey, {
        issuer: githubApp.app_id,
        algorithms: ['RS256'],
        maxTokenAge: '10m',
        currentDate: github.now(),
      }).catch(() => undefined);
      if (!valid) return json(response, { message: 'A JSON web token could not be decoded' }, 401);
      const [status, message] = github.refusals.get(id) ?? [];
      if (status !== undefined) return json(response, { message }, status);
      const minted = `ghs_${id}_${++count}`;
      known.set(minted, `installation ${id}`);
      return json(response, { token: minted, expires_at: new Date(github.now().getTime() + 3_600_000).toISOString() }, 201);
    });
  }
  upstream.on('/login/oauth/access_token', ({ body }, response) => {
    const form = Object.fromEntries(new URLSearchParams(body.toString()));
    const isRefresh = form.grant_type === 'refresh_token';
    if (isRefresh && !github.refreshTokens.delete(form.refresh_token ?? '')) return json(response, { error: 'bad_refresh_token' });
    const login = isRefresh ? (form.refresh_token ?? '').split('_')[1] : (form.code ?? '').replace('code-of-', '');
    if (form.client_id !== 'user-client' || form.client_secret !== 'user-secret' || !login)
      return json(response, { error: 'incorrect_client_credentials' });
    const token = `ghu_${login}_${++count}`;
    known.set(token, login);
    const refresh = `ghr_${login}_${count}`;
    github.refreshTokens.add(refresh);
    return json(response, {
      access_token: token,
      ...(github.userLifetimeS === undefined ? {} : { expires_in: github.userLifetimeS, refresh_token: refresh }),
    });
  });
  const who = (authorization = '') => known.get(authorization.replace('Bearer ', ''));
  upstream.on('/user', ({ headers }, response) => {
    const login = who(headers.authorization);
    return login === undefined ? json(response, { message: 'Bad credentials' }, 401) : json(response, { login });
  });
  upstream.on('/user/installations', ({ headers }, response) => {
    const login = who(headers.authorization);
    if (login === undefined) return json(response, { message: 'Bad credentials' }, 401);
    return json(response, { installations: (github.installations.get(login) ?? []).map((id) => ({ id })) });
  });
  upstream.on('/whoami', ({ headers }, response) => {
    const me = who(headers.authorization);
    return me === undefined ? json(response, { message: 'Bad credentials' }, 401) : json(response, { me });
  });
  return github;
}

function catalogue(url: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-github-'));
  const tokens = `${url}/app/installations/\${connectionConfig.installation_id}/access_tokens`;
  const files = {
    'github-app': `extends: github-app\ntoken_url: ${tokens}\nproxy: { base_url: ${url} }\n`,
    'github-app-oauth': `extends: github-app-oauth\ntoken_url: { OAUTH2: ${url}/login/oauth/access_token, APP: '${tokens}' }\nproxy: { base_url: ${url} }\n`,
  };
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, text);
    return path;
  });
}
