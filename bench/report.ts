/**
 * What a benchmark found: a table on the terminal, or one line of JSON with `--json`, and `bench/results/<name>.md`.
 * A figure is the median of its rounds; its ratio is to a floor measured in the same run, because absolutes differ by 30 % between runs here.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from './root.ts';

export type Line = {
  readonly what: string;
  /** One figure a round. */
  readonly rounds: readonly number[];
  readonly unit: '/s' | 'ms' | 's' | 'MB' | '×';
  /** The `what` of the line this one is compared with. */
  readonly floor?: string;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
};
export type Report = { readonly name: string; readonly title: string; readonly lines: readonly Line[]; readonly notes?: readonly string[] };

export function report({ name, title, lines, notes = [] }: Report): void {
  const rows = lines.map((line) => {
    const value = median(line.rounds);
    const floor = lines.find(({ what }) => what === line.floor);
    return { ...line, value, ratio: floor ? value / median(floor.rounds) : undefined, met: isMet(value, line.goal) };
  });
  const table = [
    ['', 'median', 'rounds', 'ratio', 'goal', ''],
    ...rows.map(({ what, value, rounds, unit, ratio, floor, goal, met }) => [
      what,
      `${shown(value)} ${unit}`,
      rounds.map(shown).join(' · '),
      ratio === undefined ? '' : `${ratio.toFixed(2)} × ${floor}`,
      goal ? ('atLeast' in goal ? `≥ ${shown(goal.atLeast)} ${unit}` : `≤ ${shown(goal.atMost)} ${unit}`) : '',
      met === undefined ? '' : met ? 'met' : 'missed',
    ]),
  ];
  const where = machine();
  writeFileSync(join(root, 'bench/results', `${name}.md`), markdown({ name, title, table, where, notes }));
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ name, ...where, lines: rows, notes })}\n`);
  else console.log(`\n${title}\n${aligned(table).join('\n')}${notes.map((note) => `\n  ${note}`).join('')}`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;
}

/** The value below which `part` of the values lie. */
export function quantile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

function isMet(value: number, goal: Line['goal']): boolean | undefined {
  if (goal === undefined || Number.isNaN(value)) return undefined;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
}

type Where = { date: string; node: string; commit: string; machine: string };

function machine(): Where {
  const [cpu] = cpus();
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    node: process.version,
    commit: git('rev-parse', '--short', 'HEAD'),
    machine: `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
  };
}

type Document = { name: string; title: string; table: string[][]; where: Where; notes: readonly string[] };

function markdown({ name, title, table, where, notes }: Document): string {
  const [head = '', ...rows] = aligned(table);
  const rule = head.replace(/[^|]/g, '-').replace(/\|-/g, '| ').replace(/-\|/g, ' |');
  const lines = [
    `# ${title}: \`npm run bench ${name}\``,
    '',
    `${where.date} UTC, Node ${where.node}, commit ${where.commit}, ${where.machine}. Load, platform, upstream and Postgres share these cores.`,
    'Each figure is the median of its rounds. Trust the ratios: absolutes move with whatever else the machine does.',
    '',
    head,
    rule,
    ...rows,
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function aligned(table: readonly string[][]): string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(3, ...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
}
