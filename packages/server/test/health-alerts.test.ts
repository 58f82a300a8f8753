/** Alerts: each is told once when it begins and once when it is over, whoever looks. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, run } from '../src/base/database.ts';
import { lookForAlerts } from '../src/health/alerts.ts';
import { deploy } from './functions.ts';
import { type Json, type Platform, startPlatform } from './platform.ts';

let platform: Platform;
let ids: { environment: number; integration: number; connection: number };

beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  await platform.call('POST', '/integrations', { unique_key: 'crm', provider: 'unauthenticated' });
  const named = { provider_config_key: 'crm', connection_id: 'ann' };
  await platform.call('POST', '/connections', { ...named, credentials: { type: 'NONE' } });
  await deploy(platform, [{ name: 'contacts', integration: 'crm' }]);
  const [row] = await many<{ environment: number; integration: number; connection: number }>(
    platform.world.db,
    sql`select environment_id as environment, integration_id as integration, id as connection from connections where connection_id = 'ann'`,
  );
  ids = row ?? { environment: 0, integration: 0, connection: 0 };
});

const told = async (): Promise<{ event: string; alert: string; about: string; connection: string }[]> => {
  const rows = await many<{ type: string; payload: Json }>(
    platform.world.db,
    sql`select type, payload from events where type like 'alert.%' order by id`,
  );
  return rows.map(({ type, payload }) => ({ event: type, alert: payload.alert, about: payload.about, connection: payload.connectionId }));
};
const fresh = () => run(platform.world.db, sql`delete from events where type like 'alert.%'`);
const hold = (seconds: number) =>
  run(
    platform.world.db,
    sql`insert into rate_budgets (environment_id, integration_id, connection_id, part, state, restricted, held_until, changed_at)
        values (${ids.environment}, ${ids.integration}, ${ids.connection}, 'search', '{}', true, now() + ${`${seconds} seconds`}::interval, now())
        on conflict (environment_id, integration_id, connection_id, part) do update set held_until = excluded.held_until`,
  );

test('a rate limit is one when it is used up for longer than a minute, however often and by however many it is seen', async () => {
  await hold(30);
  await lookForAlerts(platform.world);
  expect(await told()).toEqual([]);
  await hold(600);
  await Promise.all(Array.from({ length: 6 }, () => lookForAlerts(platform.world)));
  await lookForAlerts(platform.world);
  const about = { alert: 'rate_limit', about: 'search', connection: 'ann' };
  expect(await told()).toEqual([{ event: 'alert.opened', ...about }]);
  await hold(-1);
  await Promise.all(Array.from({ length: 6 }, () => lookForAlerts(platform.world)));
  await lookForAlerts(platform.world);
  expect(await told()).toEqual([
    { event: 'alert.opened', ...about },
    { event: 'alert.resolved', ...about },
  ]);
});

test('a sync that is due for a quarter of an hour is one, and none once it runs or is paused', async () => {
  await fresh();
  const sync = sql`syncs where connection_id = ${ids.connection}`;
  await run(
    platform.world.db,
    sql`insert into syncs (environment_id, connection_id, function_id, integration_id, name, paused, frequency_ms, next_run_at)
        select ${ids.environment}, ${ids.connection}, id, ${ids.integration}, name, false, 3600000, now() - interval '10 minutes' from functions where name = 'contacts'
        on conflict do nothing`,
  );
  await run(platform.world.db, sql`update syncs set next_run_at = now() - interval '10 minutes' where connection_id = ${ids.connection}`);
  await lookForAlerts(platform.world);
  expect(await told()).toEqual([]);
  await run(platform.world.db, sql`update syncs set next_run_at = now() - interval '16 minutes' where connection_id = ${ids.connection}`);
  await lookForAlerts(platform.world);
  expect(await told()).toEqual([{ event: 'alert.opened', alert: 'late_sync', about: 'contacts', connection: 'ann' }]);
  await run(platform.world.db, sql`update syncs set paused = true where connection_id = ${ids.connection}`);
  await lookForAlerts(platform.world);
  expect((await told()).map(({ event }) => event)).toEqual(['alert.opened', 'alert.resolved']);
  expect(await many(platform.world.db, sql`select 1 from ${sync}`)).toHaveLength(1);
});

test('endpoints that choose alerts get them, by integration too; the two URLs of the environment do not', async () => {
  const { environment } = await platform.scopeOf('dev');
  const { messagesOf } = await import('../src/webhooks-out/body.ts');
  const { webhookSettings } = await import('../src/environments/settings.ts');
  const settings = await webhookSettings(platform.world, environment.id);
  const payload = {
    alert: 'late_sync',
    providerConfigKey: 'crm',
    connectionId: 'ann',
    about: 'contacts',
    since: null,
    until: null,
  } as const;
  const [message] = messagesOf({ id: 1, environmentId: environment.id, type: 'alert.opened', payload }, settings);
  expect(message).toMatchObject({ name: 'alert.opened', kind: 'alert', wanted: false });
  expect(JSON.parse(message?.text ?? '')).toEqual({ from: 'nango', type: 'alert', event: 'alert.opened', ...payload });
});
