/** How the connect page of an environment looks, as its members set it. */
import { type Appearance, defaultAppearance } from '@bowline/api/appearance';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publishLive } from '../http/live.ts';
import type { Scope } from '../http/scope.ts';

type InEnvironment = Pick<Scope, 'environment'>;

/** What is not stored is as it comes, so settings that are added later have a value. */
export async function readAppearance({ db }: Pick<World, 'db'>, { environment }: InEnvironment): Promise<Appearance> {
  const row = await one<{ settings: Partial<Appearance> }>(
    db,
    sql`select settings from connect_ui where environment_id = ${environment.id}`,
  );
  return { ...defaultAppearance, ...row?.settings };
}

export async function saveAppearance(
  world: Pick<World, 'db' | 'bus'>,
  { environment }: InEnvironment,
  settings: Appearance,
): Promise<void> {
  await run(
    world.db,
    sql`insert into connect_ui (environment_id, settings) values (${environment.id}, ${JSON.stringify(settings)}::jsonb)
        on conflict (environment_id) do update set settings = excluded.settings, updated_at = now()`,
  );
  publishLive(world, environment.id, 'environment');
}
