/**
 * What the measured costs come to at 1 M connections and 10 B records: `npm run bench scale-model`. It measures nothing: its inputs are the results that are
 * checked in and the assumptions below, each named, so that whoever doubts one changes it and runs this again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.ts';
import { simulate } from './scale-sim.ts';

const KB = 1_000;
const HOUR = 3_600;
const DAY = 24 * HOUR;

/** The cores of the machine that measured: platform, sandboxes, load and Postgres shared them. */
const CORES = 2;
const measured = {
  new: rateOf('sync', /server.*: first sync/),
  unchanged: rateOf('sync', /server.*: unchanged/),
  /** Each of another connection, as at an hour between runs; their sandboxes included. */
  runs: rateOf('schedule', /each of a connection of its own$/),
  read: rateOf('listing', /^GET \/records, \d+ readers$/),
};

/** Not measured. */
const assumed = {
  syncsPerConnection: 3,
  intervalS: HOUR,
  /** Of a run's slot: what its provider takes. */
  runS: 2,
  tail: 15,
  recordsPerConnection: 10_000,
  /** Records that change in a day, and times that every record is met unchanged in one. */
  changedADay: 0.02,
  crawlsADay: 1,
  /** Of what records cost and of what a run costs, the part of Postgres. */
  inPostgres: 0.5,
  runInPostgres: 0.3,
  /** Of a machine's cores that work is planned for. */
  used: 0.6,
  /** Payload of 1 KB with its row, indexes and free space. */
  bytesPerRecord: 1.6 * KB,
  walPerChange: 2.5 * KB,
  /** Transactions of an empty run that write, counted in the code: begin, crawl, end, its two jobs, log, event. */
  transactionsPerRun: 10,
  recordsPerTransaction: 100,
};
const SLOTS = 16;
const TURN = { turnS: 0.5, batch: 500 };
/** Postgres vacuums a whole table when its oldest transaction is so many behind (autovacuum_freeze_max_age), and refuses work at 2^31. */
const FREEZE = { usual: 200e6, largest: 2e9 };

type Capacity = Readonly<Record<string, string>>;

function capacity(connections: number): Capacity {
  const records = connections * assumed.recordsPerConnection;
  const runs = (connections * assumed.syncsPerConnection) / assumed.intervalS;
  const changed = (records * assumed.changedADay) / DAY;
  const met = (records * assumed.crawlsADay) / DAY;
  const ofRuns = (CORES * runs) / measured.runs;
  const ofRecords = CORES * (changed / measured.new + met / measured.unchanged + changed / measured.read);
  const inPostgres = ofRuns * assumed.runInPostgres + ofRecords * assumed.inPostgres;
  const transactions = runs * assumed.transactionsPerRun + (changed + met) / assumed.recordsPerTransaction;
  return {
    connections: number(connections),
    records: number(records),
    'runs/s': number(runs),
    'changed records/s': number(changed),
    'unchanged records/s': number(met),
    'cores, ours': number((ofRuns + ofRecords - inPostgres) / assumed.used),
    'cores, Postgres': number(inPostgres / assumed.used),
    'run slots': number(runs * assumed.runS * Math.exp(deviation() ** 2 / 2)),
    disk: bytes(records * assumed.bytesPerRecord),
    'WAL a day': bytes(changed * DAY * assumed.walPerChange + transactions * DAY * 500),
    'hours to a freeze, usual / largest': `${number(FREEZE.usual / transactions / HOUR)} / ${number(FREEZE.largest / transactions / HOUR)}`,
  };
}

/** Of the logarithm of a run's length. */
const deviation = () => Math.log(assumed.tail) / 2.326;

const LOAD = { schedules: 1e6 * assumed.syncsPerConnection, intervalS: assumed.intervalS, runS: assumed.runS, tail: assumed.tail };
const databaseS = (CORES / measured.runs) * assumed.runInPostgres;

function lateness(processes: number, databaseCores: number, outageS = 0): Capacity {
  const found = simulate(
    LOAD,
    { processes, slots: SLOTS, ...TURN, databaseCores, databaseS },
    { seconds: outageS === 0 ? 1_200 : HOUR, outageS },
  );
  return {
    processes: number(processes),
    'cores of Postgres': number(databaseCores),
    'slots busy': percent(found.slotsBusy),
    'Postgres busy': percent(found.databaseBusy),
    'late, p50': seconds(found.p50),
    'late, p99': seconds(found.p99),
    'late, most': seconds(found.most),
    'late at the end': seconds(found.last),
  };
}

const tables = {
  'What the costs come to': [1e3, 1e4, 1e5, 1e6].map(capacity),
  'How late runs start at 1 M connections (3 M hourly schedules, 20 minutes)': [
    ...[100, 150, 200, 250, 300].map((processes) => lateness(processes, 16)),
    ...[2, 4, 8].map((cores) => lateness(300, cores)),
  ],
  'The hour after an outage of one hour': [200, 250, 300, 400, 600].map((processes) => lateness(processes, 16, HOUR)),
};
const inputs = Object.entries(measured).map(([what, rate]) => `${what} ${number(rate)}/s`);
const text = [
  '# At 1 M connections and 10 B records: `npm run bench scale-model`',
  '',
  `Nothing here is measured at that size. Inputs, from the other files of this folder, on ${CORES} cores: ${inputs.join(', ')}.`,
  `Assumed: ${Object.entries(assumed)
    .map(([what, value]) => `${what} ${value}`)
    .join(', ')}.`,
  ...Object.entries(tables).flatMap(([title, rows]) => ['', `## ${title}`, '', ...markdown(rows)]),
  '',
].join('\n');
writeFileSync(join(root, 'bench/results/scale-model.md'), text);
console.log(text);

/** The median that a benchmark found. */
function rateOf(name: string, line: RegExp): number {
  const rows = readFileSync(join(root, 'bench/results', `${name}.md`), 'utf8')
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()));
  const value = rows.find(([, what = '']) => line.test(what))?.[2] ?? '';
  const rate = /^([\d,.]+) \/s$/.exec(value)?.[1];
  if (rate === undefined) throw new Error(`bench/results/${name}.md has no rate for ${line}`);
  return Number(rate.replaceAll(',', ''));
}

function markdown(rows: readonly Capacity[]): string[] {
  const head = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(Object.values(row)))];
}

function number(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(2);
}

function bytes(value: number): string {
  return value >= 1e12 ? `${number(value / 1e12)} TB` : `${number(value / 1e9)} GB`;
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

function seconds(value: number): string {
  return value >= 60 ? `${number(value / 60)} min` : `${value < 1 ? value.toFixed(2) : number(value)} s`;
}
