/** Which models of an environment have a history, and how long versions are kept. What is there counts from now on, also for streams that there are already. */
import type { HistoryRule } from '@bowline/api/record-history';
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { sweepVersions } from './versions.ts';

export async function historyRules(db: Database, environmentId: number): Promise<HistoryRule[]> {
  const rows = await many<{ model: string; keepDays: number }>(
    db,
    sql`select model, keep_days from record_history_rules where environment_id = ${environmentId} order by model`,
  );
  return rows.map(({ model, keepDays }) => ({ model, keep_days: keepDays }));
}

export async function replaceHistoryRules(
  { db }: Pick<World, 'db'>,
  { environment }: Scope,
  rules: readonly HistoryRule[],
): Promise<HistoryRule[]> {
  const byModel = [...new Map(rules.map((rule) => [rule.model, rule])).values()]; // one statement may not write a row twice
  await transaction(db, async (tx) => {
    await run(tx, sql`delete from record_history_rules where environment_id = ${environment.id}`);
    await run(
      tx,
      sql`insert into record_history_rules (environment_id, model, keep_days)
          select ${environment.id}, model, keep_days from jsonb_to_recordset(${JSON.stringify(byModel)}::jsonb) as given(model text, keep_days int)
          on conflict (environment_id, model) do update set keep_days = excluded.keep_days`,
    );
    await alignStreams(tx, environment.id);
  });
  return historyRules(db, environment.id);
}

/** What a change replaces is kept from now on in streams of these models, and no longer in others. A stream that is being written to is waited for. */
async function alignStreams(db: Database, environmentId: number | null): Promise<void> {
  await run(
    db,
    sql`with wanted as (
          select s.id, r.model is not null as is_on
            from record_streams s left join record_history_rules r on r.environment_id = s.environment_id and r.model = s.model
           where ${environmentId === null ? sql`true` : sql`s.environment_id = ${environmentId}`} and (s.history_since is not null) <> (r.model is not null)
           order by s.id for update of s)
        update record_streams s set history_since = case when wanted.is_on then clock_timestamp() end from wanted where s.id = wanted.id`,
  );
}

/** Of all environments. A stream that was made in the moment in which its rule was is found here, too. */
export async function sweepHistory(db: Database): Promise<void> {
  await alignStreams(db, null);
  while (await sweepVersions(db));
}

export async function removeHistoryRules(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from record_history_rules where environment_id = ${environmentId}`);
}
