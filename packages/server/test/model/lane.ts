/**
 * A platform on a database of its own whose clock the test sets, back too: `now()` and `clock_timestamp()` there are ours. Nothing in it happens by
 * itself. Runs stop where a function would begin, attempts where a receiver would answer, and no message of the bus ever arrives: it may be lost,
 * so nothing right may depend on it. Statements can be altered on their way, to see whether the checks notice.
 */
import { Readable } from 'node:stream';
import type { SandboxJob, SandboxOutcome } from '@bowline/sandbox/pool';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll } from 'vitest';
import { run as execute } from '../../src/base/database.ts';
import type { OutboundResponse } from '../../src/base/outbound.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import type { Database } from '../../src/base/world.ts';
import { setDeletionGuard } from '../../src/environments/deletion-guard.ts';
import { updateSettings } from '../../src/environments/settings.ts';
import type { Scope } from '../../src/http/scope.ts';
import type { RunWorld } from '../../src/runs/context.ts';
import { createIntegrations } from '../connections/fixture.ts';
import { deploy } from '../functions.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { GUARD, UNIT_MS } from './state.ts';

export type Alter = (statement: string) => string;
export type Lane = {
  readonly platform: Platform;
  readonly world: RunWorld;
  readonly scope: Scope;
  /** Moves both clocks. */
  jump(units: number): Promise<void>;
  /** Back to the real time. */
  reset(): Promise<void>;
  setUrl(on: boolean): Promise<void>;
};

const CLOCK = [
  'create schema clock',
  'create table clock.shift as select interval \'0\' as "by"',
  `create function clock.now() returns timestamptz language sql stable as $$ select pg_catalog.now() + "by" from clock.shift $$`,
  `create function clock.clock_timestamp() returns timestamptz language sql volatile as $$ select pg_catalog.clock_timestamp() + "by" from clock.shift $$`,
  // The rests of an endpoint, of seconds to an hour, end within a unit but never by themselves while a sequence takes its time.
  `create function clock.stretch() returns trigger language plpgsql as $$ begin new.rest_until := new.rest_until + interval '11 hours'; return new; end $$`,
  'create trigger stretch before update on webhook_endpoints for each row when (new.rest_until is distinct from old.rest_until) execute function clock.stretch()',
];
export const URL = 'https://receiver.test/hook';

export async function openLane(alter?: Alter): Promise<Lane> {
  const platform = await startPlatform({ worker: false });
  await createIntegrations(platform);
  await deploy(platform, [
    { name: 'tracked', models: ['Tracked'], trackDeletes: true, runs: 'every 26h' },
    { name: 'plain', models: ['Plain'], runs: 'every 26h' },
  ]);
  const scope = await platform.scopeOf('dev');
  for (const statement of CLOCK) await execute(platform.world.db, sql.raw(statement));
  const { db, close } = await connect(platform, alter);
  const world: RunWorld = {
    ...platform.world,
    db,
    bus: { id: 0, publish: async () => {}, subscribe: () => () => {}, close: async () => {} },
    random: { ...platform.world.random, fraction: () => 0.5 },
  };
  const setUrl = (on: boolean) =>
    updateSettings(world, scope, { webhooks: { primary_url: on ? URL : '', on_sync_completion_always: true } });
  await setDeletionGuard(db, scope.environment.id, GUARD);
  let shifted = 0;
  const jump = async (units: number) => {
    shifted += units;
    platform.advance(units * UNIT_MS);
    await execute(db, sql`update clock.shift set "by" = ${`${shifted * UNIT_MS} milliseconds`}::interval`);
  };
  afterAll(close);
  return { platform, world, scope, jump, reset: () => jump(-shifted), setUrl: async (on) => void (await setUrl(on)) };
}

/** Connections that find our clock before that of Postgres. */
async function connect({ database }: Platform, alter: Alter | undefined): Promise<{ db: Database; close: () => Promise<void> }> {
  const { pool, db } = connectPostgres(database.target, { max: 12, log: pino({ level: 'silent' }) });
  pool.on('connect', (client) => {
    void client.query('set search_path = clock, public, pg_catalog');
    if (!alter) return;
    const query = client.query.bind(client);
    const altered = (first: unknown, ...rest: unknown[]) => {
      if (typeof first === 'object' && first !== null && 'text' in first) Object.assign(first, { text: alter(String(first.text)) });
      return Reflect.apply(query, client, [typeof first === 'string' ? alter(first) : first, ...rest]);
    };
    Object.assign(client, { query: altered });
  });
  return { db, close: () => pool.end() };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A World whose next function waits to be told what to call and how to end. */
export function withFunction(world: RunWorld): { world: RunWorld; entered: Promise<SandboxJob>; end: (outcome: SandboxOutcome) => void } {
  const begun = deferred<SandboxJob>();
  const ended = deferred<SandboxOutcome>();
  const run = (job: SandboxJob) => {
    begun.resolve(job);
    return ended.promise;
  };
  const sandboxes = { ...world.sandboxes, run };
  return { world: { ...world, sandboxes }, entered: begun.promise, end: ended.resolve };
}

/** A World whose receiver waits to be told what to answer. Failures ask for half a day, so that no attempt comes due by itself. */
export function withReceiver(world: RunWorld): { world: RunWorld; sent: Promise<void>; answer: (status: number) => void } {
  const begun = deferred<void>();
  const answered = deferred<OutboundResponse>();
  const request = () => {
    begun.resolve();
    return answered.promise;
  };
  const outbound = { ...world.outbound, request };
  const answer = (status: number) =>
    answered.resolve({ status, headers: { 'retry-after': String(12 * 3600) }, body: Readable.from([]), url: URL });
  return { world: { ...world, outbound }, sent: begun.promise, answer };
}
