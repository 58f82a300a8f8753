/** Memory of a process and what it started, as PSS: shared pages counted once. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

export const kinds = ['node', 'postgres', 'deno'] as const;
/** Megabytes by program. */
export type Use = Record<(typeof kinds)[number], number>;

export function use(pid: number): Use {
  const found: Use = { node: 0, postgres: 0, deno: 0 };
  for (const one of treeOf(pid)) {
    try {
      const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1]);
      const name = readFileSync(`/proc/${one}/comm`, 'utf8').trim();
      found[kinds.find((kind) => name.startsWith(kind)) ?? 'node'] += kilobytes / 1024;
    } catch {
      // ended meanwhile
    }
  }
  return found;
}

export function treeOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // ended meanwhile
    }
  }
  const below = (parent: number): number[] => [
    parent,
    ...[...parents].filter(([, own]) => own === parent).flatMap(([child]) => below(child)),
  ];
  return below(pid);
}
