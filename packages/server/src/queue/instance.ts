/**
 * This process among its peers: a row that names its workers, and an advisory lock that says it lives.
 * Workers may take jobs only while the lock is held. When its connection is lost the peers take our jobs over, so the work
 * under way is told to stop first, and only then a new row and lock are taken.
 */
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { endSilent, freeJobs, INSTANCE_LOCKS, reap } from './reap.ts';

export type Instance = {
  /** Null when workers may take jobs, else resolves to it once they may (or on close). */
  ready(): null | Promise<null>;
  /** Its row, while its lock is held. `signal` aborts when that is lost; another row and signal are given after it is taken again. */
  held(): { readonly id: number; readonly signal: AbortSignal } | undefined;
  /** @param finished false when jobs may still be running: the row stays, and peers take them over */
  close(finished: boolean): Promise<void>;
};
export type InstanceOptions = {
  readonly pool: Pool;
  readonly log: Logger;
  /** The job engine's name for this process' workers; absent where none of its jobs are taken. */
  readonly poolId?: string;
  /** The kinds of work they take, and how many at once. */
  readonly tasks?: readonly string[];
  readonly concurrency?: number;
  /** Runs of this process may by now also run elsewhere: abort them. */
  readonly onLost: () => void;
  /** How often the dead are looked for, which is also the heartbeat of our own connection. */
  readonly everyMs?: number;
  /** How long a process may live without a heartbeat. */
  readonly silentMs?: number;
};

/** A server that does not answer the heartbeat for so long has given our lock away, or soon will. */
const SILENCE_MS_MAX = 5_000;

/** Twice what a living process takes to give up by itself; asking costs more than a heartbeat, so not at each. */
const SILENT_MS = 10_000;
const SILENT_TURNS = 3;

type Held = { readonly client: PoolClient; readonly id: number; readonly lost: AbortController; timer?: NodeJS.Timeout };

export function joinInstances(options: InstanceOptions): Instance {
  const { log, onLost, everyMs = 1_000, silentMs = SILENT_MS } = options;
  let held: Held | undefined;
  let previous: number | undefined;
  let gate = createGate();
  let retry: NodeJS.Timeout | undefined;
  let closing: { readonly finished: boolean } | undefined;
  let turns = 0;
  let beating = Promise.resolve();
  let joining = Promise.resolve();

  async function join(): Promise<void> {
    try {
      const joined = await takeLock(options, previous);
      if (closing) return await leave(joined, closing);
      held = joined;
      previous = joined.id;
      joined.client.on('error', (error) => lose(joined, error));
      gate.open();
      beating = beat(joined);
    } catch (error) {
      if (closing) return;
      log.warn({ err: error }, 'the job engine is not ready: no lock on the database yet; trying again');
      retry = setTimeout(() => {
        joining = join();
      }, everyMs);
    }
  }

  async function beat(current: Held): Promise<void> {
    try {
      turns += 1;
      const silent = turns % SILENT_TURNS === 0 ? await timely(endSilent(current.client, silentMs)) : 0;
      if (silent > 0) log.warn({ silent }, 'processes that live and do nothing lose their lock');
      const dead = await timely(reap(current.client, current.id));
      if (dead.length > 0) log.warn({ instances: dead }, 'took over the jobs of processes that died');
    } catch (error) {
      return lose(current, error);
    }
    if (held === current)
      current.timer = setTimeout(() => {
        beating = beat(current);
      }, everyMs);
  }

  function lose(current: Held, error: unknown): void {
    if (held !== current) return;
    held = undefined;
    clearTimeout(current.timer);
    gate = createGate();
    log.error({ err: error }, 'lost the database lock of this process; its jobs are given up and taken again');
    current.lost.abort(new Error('This process lost its lock on the database'));
    current.client.release(true);
    onLost();
    joining = join();
  }

  joining = join();
  return {
    ready: () => (held ? null : gate.opened),
    held: () => held && { id: held.id, signal: held.lost.signal },
    async close(finished) {
      closing = { finished };
      clearTimeout(retry);
      gate.open();
      const current = held;
      held = undefined;
      if (!current) return timely(joining).catch(() => {}); // under way after a loss, it leaves again
      clearTimeout(current.timer);
      await beating; // its transaction would take our delete with it
      await leave(current, closing);
    },
  };
}

async function leave({ client, id }: Held, { finished }: { finished: boolean }): Promise<void> {
  if (finished) await client.query('delete from instances where id = $1', [id]).catch(() => {}); // else a peer reaps it
  client.release(true);
}

/** The row becomes visible with the lock taken, never before it. */
async function takeLock({ pool, poolId, tasks = [], concurrency = 0 }: InstanceOptions, previous: number | undefined): Promise<Held> {
  const client = await pool.connect();
  client.on('error', () => {}); // a broken connection fails the next statement; unheard, the event would end the process
  try {
    // A machine that vanishes without closing its connections must be noticed in seconds, not in the system's two hours.
    await client.query("set tcp_keepalives_idle = '5s'; set tcp_keepalives_interval = '2s'; set tcp_keepalives_count = 3");
    await client.query('begin');
    if (previous !== undefined) {
      if (poolId !== undefined) await freeJobs(client, [poolId]);
      await client.query('delete from instances where id = $1', [previous]);
    }
    const { rows } = await client.query<{ id: number }>(
      'insert into instances (pool_id, tasks, concurrency) values ($1, $2, $3) returning id',
      [poolId, tasks, concurrency],
    );
    const id = rows[0]?.id ?? 0; // an insert without conflict clause answers its row
    await client.query('select pg_advisory_lock($1, $2)', [INSTANCE_LOCKS, id]);
    await client.query('commit');
    return { client, id, lost: new AbortController() };
  } catch (error) {
    client.release(true);
    throw error;
  }
}

function createGate(): { readonly opened: Promise<null>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<null>((resolve) => {
    open = () => resolve(null);
  });
  return { opened, open };
}

async function timely<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the database did not answer for ${SILENCE_MS_MAX} ms`)), SILENCE_MS_MAX);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
