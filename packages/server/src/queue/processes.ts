/**
 * The processes that work on one database, for people to look at: each says every five seconds who it is, and whether the schema still fits it.
 * Nothing depends on these rows: who lives, and whose jobs are taken over, is told by locks (`instance.ts`).
 */
import { hostname } from 'node:os';
import type { Process } from '@bowline/api/environment';
import { sql } from 'kysely';
import manifest from '../../package.json' with { type: 'json' };
import { many, run } from '../base/database.ts';
import { unfitting } from '../base/migrate.ts';
import { listRoles } from '../base/roles.ts';
import type { World } from '../base/world.ts';

const BEAT_MS = 5_000;
/** Three beats and the time that a busy database takes. */
const SILENT_SECONDS = 20;
const FORGOTTEN_SECONDS = 600;

type Needs = Pick<World, 'db' | 'bus' | 'config' | 'log'>;

/** @param onOutdated called once, when a newer release has changed the schema so that this one should work on it no more. @returns how to leave */
export async function joinProcesses(world: Needs, onOutdated: (migrations: readonly string[]) => void): Promise<() => Promise<void>> {
  let isOutdated = false;
  const turn = async () => {
    const changes = isOutdated ? [] : await unfitting(world.db);
    if (changes.length > 0) {
      isOutdated = true;
      onOutdated(changes);
    }
    await beat(world, isOutdated);
  };
  await turn();
  let turning = Promise.resolve();
  const timer = setInterval(() => {
    turning = turn().catch((error: unknown) => world.log.debug({ err: error }, 'this process could not say that it lives'));
  }, BEAT_MS);
  return async () => {
    clearInterval(timer);
    await turning;
    await run(world.db, sql`delete from processes where id = ${world.bus.id}`).catch(() => {}); // it is forgotten in ten minutes
  };
}

async function beat({ db, bus, config }: Needs, isOutdated: boolean): Promise<void> {
  await run(
    db,
    sql`insert into processes (id, host, pid, roles, version, outdated)
        values (${bus.id}, ${hostname()}, ${process.pid}, ${listRoles(config.roles)}::text[], ${manifest.version}, ${isOutdated})
        on conflict (id) do update set beat_at = now(), outdated = excluded.outdated`,
  );
  await run(db, sql`delete from processes where beat_at < now() - ${FORGOTTEN_SECONDS} * interval '1 second'`);
}

type Row = Omit<Process, 'started_at' | 'last_beat_at' | 'state' | 'id'> & {
  id: number;
  startedAt: Date;
  beatAt: Date;
  outdated: boolean;
  silent: boolean;
};

/** As the API shows them, the oldest first. Who ended in good order is not among them. */
export async function listProcesses({ db }: Pick<World, 'db'>): Promise<Process[]> {
  const rows = await many<Row>(
    db,
    sql`select id, host, pid, roles, version, outdated, started_at, beat_at, beat_at < now() - ${SILENT_SECONDS} * interval '1 second' as silent
          from processes order by started_at, id`,
  );
  return rows.map(({ id, host, pid, roles, version, outdated, silent, startedAt, beatAt }) => ({
    id: id.toString(16),
    host,
    pid,
    roles,
    version,
    state: silent ? 'silent' : outdated ? 'outdated' : 'alive',
    started_at: startedAt.toISOString(),
    last_beat_at: beatAt.toISOString(),
  }));
}
