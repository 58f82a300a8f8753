/**
 * Servers whose database fails them. In one only the tables that tell who calls are left, so a caller gets past the door and the route
 * itself fails; in the other the database is gone altogether.
 */
import { type Platform, startPlatform } from '../platform.ts';
import type { Keys } from './wire.ts';
import { sharedApps } from './world.ts';

export type Broken = {
  readonly inside: Platform & Keys;
  readonly whole: Platform & Keys;
  /** The token of a connect session nobody has used. */
  session(): string;
};

const KEPT = ['accounts', 'environments', 'api_keys', 'members', 'member_sessions', 'connect_sessions'];

/** @param sessions how many connect sessions are needed: afterwards none can be made */
export async function startBroken(sessions: number): Promise<Broken> {
  const start = async () => {
    const platform = await startPlatform({ worker: false, env: { BOWLINE_SHARED_APPS: sharedApps() } });
    return { ...platform, accountKey: await platform.accountKeyOf() };
  };
  const [inside, whole] = await Promise.all([start(), start()]);
  const tokens: string[] = [];
  for (let made = 0; made < sessions; made++) {
    const answer = await inside.call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
    tokens.push(answer.body.data.token);
  }
  const { rows } = await inside.database.pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> all($1)`,
    [KEPT],
  );
  for (const { name } of rows) await inside.database.pool.query(`alter table ${name} rename to ${name}_gone`);
  await whole.world.db.destroy();
  return { inside, whole, session: () => tokens.pop() ?? '' };
}
