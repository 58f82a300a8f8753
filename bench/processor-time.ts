/** Processor time of a platform and its Postgres, by program: where other things run on the same cores it says more than the clock. Linux only. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { Client } from 'pg';
import { clientConfig, type PostgresTarget } from '../packages/server/src/base/postgres.ts';
import { treeOf } from './process-memory.ts';

/** Milliseconds. `deno`: of the sandboxes, those that have ended included. */
export type Spent = { readonly node: number; readonly postgres: number; readonly deno: number };
type Watched = { readonly pid: number; readonly database: PostgresTarget };

/** @returns asks how much was spent since */
export async function watch({ pid, database }: Watched): Promise<() => Spent> {
  const postmaster = await postmasterOf(database);
  const now = (): Spent => {
    const found = { node: 0, postgres: 0, deno: 0 };
    for (const one of new Set([...treeOf(pid), ...treeOf(postmaster)])) add(found, one);
    return found;
  };
  const before = now();
  return () => {
    const after = now();
    return { node: after.node - before.node, postgres: after.postgres - before.postgres, deno: after.deno - before.deno };
  };
}

/** What was spent for one of so many, as a note of a report. */
export function spentText(what: string, { node, postgres, deno }: Spent, count: number): string {
  const each = (ms: number) => `${((ms / count) * 1000).toFixed(ms / count < 0.1 ? 1 : 0)} µs`;
  const load = loadavg()[0]?.toFixed(1);
  return `Processor time for ${what}: ${each(node + postgres + deno)} (Node ${each(node)}, Postgres ${each(postgres)}${deno > 0 ? `, sandboxes ${each(deno)}` : ''}), at a load of ${load}.`;
}

const MS_PER_TICK = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function add(found: { node: number; postgres: number; deno: number }, pid: number): void {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return; // ended meanwhile; its parent has its time
  }
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map((ticks) => Number(ticks) * MS_PER_TICK);
  const kind = name.startsWith('postgres') ? 'postgres' : name.startsWith('deno') ? 'deno' : 'node';
  found[kind] += user + system;
  found[kind === 'node' ? 'deno' : kind] += childrenUser + childrenSystem; // the platform's children are sandboxes
}

async function postmasterOf(database: PostgresTarget): Promise<number> {
  const client = new Client(clientConfig(database));
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const stat = readFileSync(`/proc/${rows[0]?.pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } finally {
    await client.end();
  }
}
