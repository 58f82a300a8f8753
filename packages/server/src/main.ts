/** Config → world → migrate → app and worker; stops in reverse. Importing it starts nothing: `start` does. */
import { randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Catalogue, loadCatalogue } from '@bowline/providers/catalogue';
import { CatalogueError } from '@bowline/providers/source';
import { createSandboxes, type SandboxOptions } from '@bowline/sandbox/pool';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ensureAccount, type FirstAccount } from './accounts/create.ts';
import { callAction } from './actions/call.ts';
import { createApp } from './app.ts';
import { createBus } from './base/bus.ts';
import { type Config, parseConfig } from './base/config.ts';
import { startEmbedded } from './base/embedded.ts';
import { lockHome } from './base/home.ts';
import { createJournal } from './base/journal.ts';
import { createLog } from './base/log.ts';
import { memoryOfMachine } from './base/memory.ts';
import { migrate } from './base/migrate.ts';
import { createOutbound } from './base/outbound.ts';
import type { Lookup } from './base/outbound-connect.ts';
import { connectPostgres, type PostgresTarget } from './base/postgres.ts';
import type { Phase } from './base/ready.ts';
import { createSchemaChecks, type SchemaCheckOptions } from './base/schema-checks.ts';
import { createThreads, type ThreadsOptions } from './base/threads.ts';
import type { Database, World } from './base/world.ts';
import { settleCaptures } from './captures/tape.ts';
import type { ConnectionHooks } from './connections/hooks.ts';
import { landAll } from './connections/refresh.ts';
import { retryConnectionsOf } from './connections/refresh-state.ts';
import { missingQuirks } from './credentials/quirks/quirks.ts';
import { listApiKeys } from './environments/api-key.ts';
import { applyConfigKeys } from './environments/config-keys.ts';
import { listEnvironments } from './environments/find.ts';
import { webhookSettings } from './environments/settings.ts';
import { applySharedApps } from './integrations/shared-apps.ts';
import { sealedColumns } from './keys.ts';
import type { LogEntry } from './logs/entry.ts';
import { saveLog } from './logs/save.ts';
import { beforeDelete, validate } from './on-events/hooks.ts';
import { closeBudgets } from './proxy/budget.ts';
import { joinProcesses } from './queue/processes.ts';
import { migrateQueue } from './queue/work.ts';
import type { RunWorld, Upcalls } from './runs/context.ts';
import { sandboxRoom } from './runs/room.ts';
import { endSubscriptions } from './subscriptions/remove.ts';
import { chooseSyncs, startSyncs, triggerSyncs } from './syncs/control.ts';
import { checkKeys } from './vault/check.ts';
import { configureKeys } from './vault/configure.ts';
import { createKeyring } from './vault/data-keys.ts';
import { startWorker } from './worker.ts';

export type StartOptions = {
  env: Readonly<Record<string, string | undefined>>;
  /** Files or folders of further providers, besides BOWLINE_PROVIDERS. */
  providers?: readonly string[];
  /** Hosts that outbound requests may reach, besides BOWLINE_OUTBOUND_ALLOW. */
  allow?: readonly string[];
  /** Told of each long step. */
  progress?: (line: string) => void;
};
export type Running = {
  url: string;
  /** The database was empty. */
  firstStart: boolean;
  /** `password`: only while it is the one made at the first start. */
  admin: { email: string; password?: string };
  /** Of environment `dev`, or of the first one there is. */
  apiKey: string;
  signingKey: string;
  /** Of that environment: its webhook addresses name it. */
  environmentUuid: string;
  stop(): Promise<void>;
};

/**
 * The job engine has its own: its 24 workers all ask at the start and every second, which took most of the API's pool, 2.3 MB of backend each.
 * Two are held for each of its three groups and one for the runs of syncs, the others needed for milliseconds; it warns of fewer than a group has workers.
 */
const JOB_CONNECTIONS_MAX = 18;
/** Each has a connection: on a machine of many processors more would ask one Postgres for more than it gives. */
const PAGE_THREADS_MAX = Math.min(availableParallelism(), 4);
/** Opened when a data key is not in memory. */
const KEY_CONNECTIONS_MAX = 2;
/** 3,000 proxy calls a second write 9,000 entries; a save that takes a second on a busy machine must not cost any. */
const LOG_ENTRIES_MAX = 20_000;

/**
 * @public what `npm start` and the demo call
 * @throws ConfigError, HomeTakenError, EmbeddedError, CatalogueError, MigrationError: each with a message for the operator
 */
export async function start({ env, providers = [], allow = [], progress = () => {} }: StartOptions): Promise<Running> {
  const config = parseConfig(env);
  const log = createLog(config.logLevel);
  const stops: (() => unknown)[] = [];
  const phase: Phase = { current: 'starting' };
  const stop = async () => {
    phase.current = 'stopping';
    for (const one of stops.splice(0).reverse())
      await Promise.resolve(one()).catch((error: unknown) => log.error({ err: error }, 'stopping a part failed'));
  };
  try {
    const target = await openDatabase(config, log, { stops, progress });
    const { pool, db } = connectPostgres(target, { max: 30, log });
    stops.push(() => pool.end());
    await migrate(pool, { log, before: () => fitKeys(config, db) });
    await migrateQueue({ pool, log });
    const world = await createWorld({ config, log, target, db, stops, providers, allow });
    // Together: hashing the password of a first start takes 160 ms on another thread.
    const [account, app] = await Promise.all([prepareAccount(world), createApp(world, phase)]);
    stops.push(() => closeApp(app, config.shutdownSeconds));
    await listen(app, config.port);
    const { pool: jobs } = connectPostgres(target, { max: JOB_CONNECTIONS_MAX, log });
    const stopWorker = once(
      await startWorker(world, jobs, () => log.error('this process lost its lock on the database; its peers have its jobs')),
    );
    // Together: while jobs end, nobody should still come in.
    stops.splice(stops.length - 1, 1, () => Promise.all([closeApp(app, config.shutdownSeconds), stopWorker().finally(() => jobs.end())]));
    phase.current = 'serving';
    stops.push(await joinProcesses(world, (migrations) => retire({ log, phase, stopWorker, migrations })));
    return { ...(await summary(world, account)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** At the first call only; later ones wait for the same end. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

type Retiring = { log: Logger; phase: Phase; stopWorker: () => Promise<void>; migrations: readonly string[] };

/** It takes no more work and asks for no more requests; what still comes is answered as well as it goes. */
function retire({ log, phase, stopWorker, migrations }: Retiring): void {
  if (phase.current === 'serving') phase.current = 'outdated';
  log.fatal(
    { migrations },
    'a newer release has changed the schema and this one does not fit it any more; replace this process by the newer release',
  );
  stopWorker().catch((error: unknown) => log.error({ err: error }, 'stopping the work of this process failed'));
}

/**
 * Before anything is written: a wrong key would leave values behind that the right one does not open. Under the lock of the migrations, or it would
 * meet a schema that another process is in the middle of making.
 */
async function fitKeys(config: Config, db: Database): Promise<void> {
  const keys = configureKeys(config);
  await checkKeys({ db, columns: sealedColumns, ...keys }).finally(() => keys.close());
}

async function prepareAccount(world: World): Promise<FirstAccount> {
  const account = await ensureAccount(world);
  await applyConfigKeys(world, account.accountId);
  for (const { environmentId, id } of await applySharedApps(world))
    await retryConnectionsOf(world, { environment: { id: environmentId } }, id);
  return account;
}

/** On every address, both families where the machine has both. */
async function listen(app: FastifyInstance, port: number): Promise<void> {
  try {
    await app.listen({ port, host: '::' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL'))) throw error;
    await app.listen({ port, host: '0.0.0.0' });
  }
}

/** Nobody new comes in, requests under way may finish, and a connection is closed once it has its answer. What takes longer is cut. */
async function closeApp(app: FastifyInstance, seconds: number): Promise<void> {
  const idle = setInterval(() => app.server.closeIdleConnections(), 50);
  const cut = setTimeout(() => app.server.closeAllConnections(), seconds * 1000);
  await app.close().finally(() => {
    clearInterval(idle);
    clearTimeout(cut);
  });
}

type Stops = (() => unknown)[];

/** One process at a time on a data folder; the lock comes first, or a second process would adopt the first one's Postgres. */
async function openDatabase(
  config: Config,
  log: Logger,
  { stops, progress }: { stops: Stops; progress: (line: string) => void },
): Promise<PostgresTarget> {
  const lock = lockHome(config.home, { url: config.publicUrl });
  stops.push(() => lock.release());
  if (config.databaseUrl) return config.databaseUrl;
  const embedded = await startEmbedded({ home: config.home, log, progress });
  stops.push(() => embedded.stop());
  return embedded.target;
}

export type Parts = Pick<World, 'config' | 'log' | 'db'> & {
  target: PostgresTarget;
  /** Filled with how to close what is opened here, to be called in reverse. */
  stops: (() => unknown)[];
  providers: readonly string[];
  allow: readonly string[];
  clock?: World['clock'];
  /** Default: the one that was built. */
  schemaWorkerPath?: SchemaCheckOptions['workerPath'];
  pageThreadPath?: ThreadsOptions['path'];
  sandboxes?: Partial<SandboxOptions>;
  templatesPath?: string;
  /** Resolves the names of outbound requests; the system's resolver when absent. */
  lookup?: Lookup;
};

const schemaWorkerPath = fileURLToPath(new URL('../dist/schema-worker.js', import.meta.url));
const pageThreadPath = fileURLToPath(new URL('../dist/page-thread.js', import.meta.url));
const runnerPath = fileURLToPath(new URL('../../runner/dist/runner.js', import.meta.url));
const templatesPath = fileURLToPath(new URL('../../../examples/integrations/dist/templates.json', import.meta.url));

/** The whole World on a database that is migrated already. */
export async function createWorld({ config, log, db, target, stops, providers, allow, ...given }: Parts): Promise<RunWorld> {
  const bus = await createBus({ target, db, log });
  stops.push(() => bus.close());
  const journal = createJournal<LogEntry>((entries) => saveLog({ db, bus, log }, entries), { log, max: LOG_ENTRIES_MAX });
  stops.push(() => journal.close());
  const outbound = createOutbound({
    allow: [...config.outboundAllow, ...allow],
    authorities: config.outboundAuthorities,
    ...(given.lookup ? { lookup: given.lookup } : {}),
  });
  stops.push(() => outbound.close());
  // Who only keeps time runs no function.
  const isIdle = !config.roles.has('api') && !config.roles.has('worker');
  const room = sandboxRoom(config, memoryOfMachine());
  const sandboxes = createSandboxes({ log, runnerPath, ...room, ...(isIdle ? { warm: 0 } : {}), ...given.sandboxes });
  stops.push(() => sandboxes.close());
  const clock = given.clock ?? { now: () => new Date() };
  const schemaChecks = createSchemaChecks({ log, clock, workerPath: given.schemaWorkerPath ?? (() => schemaWorkerPath) });
  stops.push(() => schemaChecks.close());
  const pageThreads = createThreads({ log, path: given.pageThreadPath ?? (() => pageThreadPath), data: target, max: PAGE_THREADS_MAX });
  stops.push(() => pageThreads.close());
  // Connections of its own: see data-keys.ts.
  const keys = connectPostgres(target, { max: KEY_CONNECTIONS_MAX, log });
  stops.push(() => keys.pool.end());
  const configured = configureKeys(config);
  stops.push(() => configured.close());
  const keyring = createKeyring({ db: keys.db, ...configured });
  const world: World = {
    config,
    log,
    db,
    bus,
    journal,
    outbound,
    sandboxes,
    pageThreads,
    schemaChecks,
    keyring,
    builtIns: openCatalogue([...(config.providers ? [config.providers] : []), ...providers]),
    templatesPath: given.templatesPath ?? templatesPath,
    clock,
    random: { bytes: randomBytes, uuid: randomUUID, fraction: Math.random },
  };
  stops.push(() => settleCaptures({ db }));
  // What a provider answers to a refresh is stored before anything that takes it is closed.
  stops.push(() => landAll(db));
  stops.push(() => closeBudgets(clock));
  return withUpcalls(world);
}

/** @throws CatalogueError when a provider names a quirk that this version does not have: it would fail only once somebody connects */
function openCatalogue(extra: readonly string[]): Catalogue {
  const catalogue = loadCatalogue({ extra });
  const missing = missingQuirks(catalogue.list());
  if (missing.length > 0) throw new CatalogueError(missing.join('\n'));
  return catalogue;
}

/** What lower floors may ask of those above the runs. */
function withUpcalls(world: World): RunWorld {
  const upcalls: Upcalls = {
    triggerAction: async (scope, call) => JSON.parse(await callAction(running, scope, call)),
    triggerSync: async (scope, { name, variant, reset, emptyCache, ...target }) => {
      await triggerSyncs(world, scope, await chooseSyncs(world, scope, { ...target, syncs: [{ name, variant }] }), { reset, emptyCache });
    },
    startSyncs: async (scope, call) => startSyncs(world, scope, await chooseSyncs(world, scope, call)),
  };
  const hooks: ConnectionHooks = {
    validate: (...asked) => validate(running, ...asked),
    unsubscribe: (...asked) => endSubscriptions(running, ...asked),
    beforeDelete: (...asked) => beforeDelete(running, ...asked),
  };
  const running: RunWorld = { ...world, upcalls, hooks };
  return running;
}

async function summary(world: World, account: FirstAccount): Promise<Omit<Running, 'stop'>> {
  const environments = await listEnvironments(world, account.accountId);
  const environment = environments.find(({ name }) => name === 'dev') ?? environments[0];
  if (!environment) throw new Error('the account has no environment');
  const [keys, settings] = await Promise.all([listApiKeys(world, { environment }), webhookSettings(world, environment.id)]);
  const [key] = keys;
  return {
    url: world.config.publicUrl,
    firstStart: account.created,
    admin: { email: account.email, ...(account.password ? { password: account.password } : {}) },
    apiKey: key?.secret ?? '',
    signingKey: settings.signingKey,
    environmentUuid: environment.uuid,
  };
}
