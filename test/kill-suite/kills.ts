/** What happens to the processes, their connections and their database. Each kind is counted, and all of them come again and again. */
import type { Server } from '../../packages/server/test/postgres-server.ts';
import type { Cluster, Member } from '../cluster.ts';
import { until } from '../platform.ts';
import type { Random } from './random.ts';
import type { Wire } from './wire.ts';

export type Counts = { killed: number; cut: number; restarted: number; frozen: number; stopped: number };
type Staged = { cluster: Cluster; wire: Wire; server: Server; random: Random; roles: readonly string[]; work: () => number };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Longer than the others give a silent process, now and then. */
const FREEZE_MS = [200, 1_000, 4_000, 14_000];

export function startKilling({ cluster, wire, server, random, roles, work }: Staged) {
  const counts: Counts = { killed: 0, cut: 0, restarted: 0, frozen: 0, stopped: 0 };
  const places = roles.map(() => undefined as Member | undefined);
  let isOver = false;

  /** Whatever ended, and however: it is started again, in its role. */
  const keep = async (place: number, role: string): Promise<void> => {
    while (!isOver && !cluster.isClosed()) {
      const member = await cluster.start(role, { isQuick: true });
      places[place] = member;
      await member.exited;
      places[place] = undefined;
    }
  };
  const keeping = roles.map((role, place) => keep(place, role));
  const alive = () => places.filter((member) => member !== undefined);

  const freeze = async (member: Member): Promise<void> => {
    member.child.kill('SIGSTOP');
    counts.frozen += 1;
    await pause(random.pick(FREEZE_MS) ?? 0);
    member.child.kill('SIGCONT');
  };
  const freezing = new Set<Promise<void>>();
  const strike = async (): Promise<void> => {
    await until('three of the processes are there', () => alive().length >= 3, 120_000);
    // While they are at work: a few requests further, and a moment later.
    const seen = work() + 1 + random.below(6);
    for (let waited = 0; work() < seen && waited < 5_000; waited += 10) await pause(10);
    await pause(random.below(120));
    // Now and then also one that is only starting.
    const among = random.chance(0.1) ? [...cluster.members] : alive();
    const victims = random.shuffled(among).slice(0, 1 + random.below(3));
    const what = random.below(100);
    if (what < 8) {
      wire.cut(() => random.chance(0.5));
      counts.cut += 1;
    } else if (what < 14) {
      const [victim] = victims;
      if (!victim) return;
      const frozen = freeze(victim).finally(() => freezing.delete(frozen));
      freezing.add(frozen);
    } else if (what < 18) {
      victims[0]?.child.kill('SIGTERM');
      counts.stopped += 1;
    } else if (what < 22) {
      await server.restart(random.chance(0.5) ? 'SIGQUIT' : 'SIGINT');
      counts.restarted += 1;
    } else
      for (const { child } of victims) {
        child.kill('SIGKILL');
        counts.killed += 1;
      }
  };
  return {
    counts,
    alive,
    strike,
    /** Nothing is killed any more; each process is started again where it ended. */
    async rest(): Promise<void> {
      await Promise.all(freezing);
    },
    /** In good order, the last time. @returns the status each ended with */
    async end(): Promise<(number | null)[]> {
      isOver = true;
      const members = alive();
      await Promise.all(members.map((member) => member.stop()));
      await Promise.all(keeping);
      return members.map(({ child }) => child.exitCode);
    },
  };
}
