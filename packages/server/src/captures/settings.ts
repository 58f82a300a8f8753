/** Which runs an environment captures. Without a word of its members none: what end users keep at a provider is theirs (decisions/046). */
import { CaptureSettings } from '@bowline/api/captures';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { forgetWanted } from './wanted.ts';

export async function captureSettings(db: Database, environmentId: number): Promise<CaptureSettings> {
  const row = await one<{ keepDays: number; rules: unknown }>(
    db,
    sql`select keep_days, rules from capture_settings where environment_id = ${environmentId}`,
  );
  return CaptureSettings.parse(row ? { keep_days: row.keepDays, rules: row.rules } : { rules: [] });
}

export async function replaceCaptureSettings(
  world: Pick<World, 'db'>,
  { environment }: Scope,
  { keep_days, rules }: CaptureSettings,
): Promise<CaptureSettings> {
  await run(
    world.db,
    sql`insert into capture_settings (environment_id, keep_days, rules) values (${environment.id}, ${keep_days}, ${JSON.stringify(rules)}::jsonb)
        on conflict (environment_id) do update set keep_days = excluded.keep_days, rules = excluded.rules`,
  );
  forgetWanted(world, environment.id);
  return captureSettings(world.db, environment.id);
}
