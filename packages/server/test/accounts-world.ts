/** A process of the platform as the tests of members, environments and the activity log need it: own pool, own bus, real HTTP, a clock they hold. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem } from '@bowline/api/problem';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { ensureAccount } from '../src/accounts/create.ts';
import { bindAccountRoutes } from '../src/accounts/routes.ts';
import { resolveMember, SESSION_COOKIE } from '../src/accounts/session.ts';
import { createBus } from '../src/base/bus.ts';
import { parseConfig } from '../src/base/config.ts';
import { createJournal } from '../src/base/journal.ts';
import { createOutbound } from '../src/base/outbound.ts';
import { connectPostgres } from '../src/base/postgres.ts';
import type { World } from '../src/base/world.ts';
import { openApiKeys } from '../src/environments/resolve-api-key.ts';
import { bindEnvironmentRoutes } from '../src/environments/routes.ts';
import { type Authenticators, createAdmit } from '../src/http/admit.ts';
import { bindLive } from '../src/http/live.ts';
import { createServe } from '../src/http/serve.ts';
import { createServer } from '../src/http/server.ts';
import { bindLogRoutes } from '../src/logs/routes.ts';
import { saveLog } from '../src/logs/save.ts';
import { keyringOf, masterKeys } from './keyring.ts';
import type { TestDatabase } from './postgres.ts';

export type TestWorld = Pick<World, 'config' | 'db' | 'clock' | 'random' | 'keyring' | 'log' | 'bus' | 'journal' | 'outbound'>;
export type Process = {
  readonly world: TestWorld;
  readonly app: FastifyInstance;
  readonly url: string;
  readonly home: string;
  /** The clock stands still until moved. */
  advance(ms: number): void;
  close(): Promise<void>;
};

const master = masterKeys([1, randomBytes(32)]);

export async function startProcess(database: TestDatabase, env: Record<string, string> = {}): Promise<Process> {
  const log = pino({ level: 'silent' });
  const home = mkdtempSync(join(tmpdir(), 'bowline-members-'));
  const config = parseConfig({ BOWLINE_HOME: home, ...env });
  const { pool, db } = connectPostgres(database.target, { max: 4, log });
  const bus = await createBus({ target: database.target, db, log });
  const keyring = keyringOf(db, master);
  let now = Date.now();
  const clock = { now: () => new Date(now) };
  const random = { bytes: randomBytes, uuid: randomUUID, fraction: Math.random };
  const journal = createJournal((entries: Parameters<typeof saveLog>[1]) => saveLog({ db, bus, log }, entries), { log });
  const outbound = createOutbound({ allow: [] });
  const world: TestWorld = { config, db, clock, random, keyring, log, bus, journal, outbound };
  const keys = openApiKeys(world);
  const app = await serve(world, keys);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    world,
    app,
    url,
    home,
    advance: (ms) => {
      now += ms;
    },
    async close() {
      await app.close();
      keys.close();
      await journal.close();
      await bus.close();
      await outbound.close();
      await pool.end();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function serve(world: TestWorld, keys: ReturnType<typeof openApiKeys>): Promise<FastifyInstance> {
  const app = await createServer({ log: pino({ level: 'silent' }), uuid: world.random.uuid, secure: false });
  const nobody = async () => {
    throw problem('signed_out');
  };
  const authenticators = {
    public: async () => undefined,
    apiKey: async (request: FastifyRequest) =>
      request.cookies[SESSION_COOKIE] === undefined ? keys.resolve(request.headers.authorization) : resolveMember(world, request),
    accountKey: ({ headers }: FastifyRequest) => keys.resolveAccount(headers.authorization),
    member: (request: FastifyRequest) => resolveMember(world, request),
    connectSession: nobody,
    connectSessionOrExpired: nobody,
    connectSessionOrApiKey: nobody,
    connectSessionInQuery: nobody,
  } satisfies Authenticators;
  const bind = createServe(app, createAdmit(authenticators));
  bindAccountRoutes(bind, world);
  bindEnvironmentRoutes(bind, world);
  bindLogRoutes(bind, world);
  bindLive(app, world, (request, environment) => resolveMember(world, request, environment));
  return app;
}

/** The first account, signed in. `call` answers `[status, body]`; it works in `dev` unless told otherwise. */
export async function signedIn(process: Process) {
  const { email, accountId } = await ensureAccount(process.world);
  const password = process.world.config.adminPassword ?? '';
  const answer = await post(process, '/api/session', { email, password });
  if (answer.status !== 200) throw new Error(`could not sign in: ${answer.status}`);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  async function call(method: string, path: string, body?: unknown, environment = 'dev'): Promise<[number, Json]> {
    const headers = { cookie, 'x-bowline-environment': environment, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(process.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return [response.status, await response.json()];
  }
  return { accountId, email, cookie, call };
}

/** Answers are looked into by path; a wrong path fails the test. */
export type Json = ReturnType<typeof JSON.parse>;

export function post(process: Process, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(process.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
