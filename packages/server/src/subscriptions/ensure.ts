/** Make the subscriptions of connections, or of an integration, be as they are wanted now: rows only; a job for each asks the provider. */
import { sql } from 'kysely';
import { many, transaction } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { Database, World } from '../base/world.ts';
import { lockConnected, lookConnectionById } from '../connections/find.ts';
import { listFunctions } from '../deployments/find.ts';
import { lookIntegrationById } from '../integrations/find.ts';
import { providerOf } from '../providers/own.ts';
import { enqueue } from '../queue/enqueue.ts';
import { nextSubscriptionState } from './state.ts';
import { jobKeyOf } from './subscription.ts';
import { wantedOf } from './wanted.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
/** `anew`: those that are there are made again: the account, or who may speak for it, may be another. */
export type Which = ({ integration: number } | { connection: number }) & { anew?: boolean };
type Row = { integration: number; connection: number | null; target: string; events: string[] };
type Wanted = { rows: Row[]; anew: boolean };

const unwanted = transition(nextSubscriptionState, 'unwanted');
const wantedAgain = transition(nextSubscriptionState, 'wanted');
const changed = transition(nextSubscriptionState, 'changed');

export async function ensureSubscriptions(world: Pick<World, 'db' | 'builtIns'>, scope: InEnvironment, which: Which): Promise<void> {
  await transaction(world.db, async (tx) => {
    const wanted = await wantedRows({ ...world, db: tx }, scope, which);
    const touched = [...(await insertOrChange(tx, scope, wanted)), ...(await leaveOthers(tx, scope, wanted.rows, which))];
    await enqueue(
      tx,
      touched.map((id) => ({ task: 'subscription' as const, payload: { environmentId: scope.environment.id, id }, key: jobKeyOf(id) })),
    );
  });
}

/** An integration may have 100,000 connections: they are looked at only where there is something to want. */
async function wantedRows(world: Pick<World, 'db' | 'builtIns'>, scope: InEnvironment, which: Which): Promise<Wanted> {
  const none = { rows: [], anew: false };
  const integration =
    'integration' in which
      ? await lookIntegrationById(world, scope, which.integration)
      : (await lookConnectionById(world, scope, which.connection))?.integration;
  const facts = integration?.managesSubscriptions ? providerOf(world, integration)?.webhook_subscription : undefined;
  if (!integration || !facts) return none;
  const isWhole = facts.of === 'integration';
  // The operator's app is not the developer's to set up.
  if (isWhole && ('connection' in which || integration.sharedApp)) return none;
  const functions = (await listFunctions(world, scope, [integration.id])).filter(({ type }) => type === 'sync');
  const owners = isWhole ? [{ id: null, metadata: null }] : await lockConnected(world.db, scope, which);
  const rows = owners.flatMap(({ id, metadata }) =>
    wantedOf(facts, functions, metadata).map(({ target, events }) => ({
      integration: integration.id,
      connection: id,
      target,
      events: [...events],
    })),
  );
  // A connection's access is its own: only what is entered for all of them changes what is asked.
  const anew = which.anew === true && (isWhole || 'connection' in which || facts.settings !== undefined);
  return { rows, anew };
}

/** @returns the ids of those that somebody has to work on */
async function insertOrChange(tx: Database, { environment }: InEnvironment, { rows, anew }: Wanted): Promise<string[]> {
  if (rows.length === 0) return [];
  const again = sql`case when s.state = any(${wantedAgain.from}::text[]) then ${wantedAgain.to} else ${changed.to} end`;
  const done = await many<{ id: string }>(
    tx,
    sql`insert into webhook_subscriptions as s (environment_id, integration_id, connection_id, target, events, next_at)
        select ${environment.id}, wanted.integration, wanted.connection, wanted.target, array(select json_array_elements_text(wanted.events)), now()
          from json_to_recordset(${JSON.stringify(rows)}::json) as wanted(integration int, connection int, target text, events json)
        on conflict ${rows.some(({ connection }) => connection === null) ? sql`(integration_id, target) where connection_id is null` : sql`(connection_id, target)`} do update
           set state = ${again}, events = excluded.events, turn = s.turn + 1, failures = 0, error = null, next_at = now()
         where s.state = any(${wantedAgain.from}::text[]) or s.events <> excluded.events or ${anew}
        returning id`,
  );
  return done.map(({ id }) => id);
}

async function leaveOthers(tx: Database, { environment }: InEnvironment, rows: readonly Row[], which: Which): Promise<string[]> {
  const these = 'connection' in which ? sql`s.connection_id = ${which.connection}` : sql`s.integration_id = ${which.integration}`;
  const left = await many<{ id: string }>(
    tx,
    sql`update webhook_subscriptions s set state = ${unwanted.to}, turn = turn + 1, failures = 0, error = null, next_at = now()
         where s.environment_id = ${environment.id} and ${these} and s.state = any(${unwanted.from}::text[])
           and not exists (select from unnest(${rows.map(({ connection }) => connection)}::int[], ${rows.map(({ target }) => target)}::text[])
                             as wanted(connection, target) where wanted.connection is not distinct from s.connection_id and wanted.target = s.target)
        returning s.id`,
  );
  return left.map(({ id }) => id);
}
