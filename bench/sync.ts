/**
 * A sync of 100,000 records of 1 KB through a real function in its sandbox: first run and unchanged run, on the embedded Postgres and on a server's.
 * RECORDS=20000 for a shorter run. The function makes its records up, so what is measured ends where the provider's API would begin.
 */

import { startServer } from '../packages/server/test/postgres-server.ts';
import { measureCopy, type Rows } from './floor.ts';
import { deploy, runSync, startPlatform } from './platform.ts';
import { type Line, report } from './report.ts';

const COUNT = Number(process.env.RECORDS ?? 100_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);

const record = (id: string) => ({ id, name: `Name of ${id}`, text: 'lorem ipsum '.repeat(78).slice(0, 940), version: 1 });
const code = `const { createSync } = require('bowline');
const record = ${record};
module.exports = { default: createSync({ models: {}, exec: async (nango) => {
  for (let start = 0; start < ${COUNT}; start += 1000) {
    const page = [];
    for (let n = start; n < start + 1000; n++) page.push(record('rec_' + String((n * 7919) % ${COUNT}).padStart(8, '0')));
    await nango.batchSave(page, 'Item');
  }
} }) };`;

const ids = Array.from({ length: COUNT }, (_, n) => `rec_${String((n * 7919) % COUNT).padStart(8, '0')}`);
const rows: Rows = { ids, lines: ids.map((id) => JSON.stringify(record(id))) };

const notes = [`${COUNT.toLocaleString('en-US')} records, from the request to trigger the sync until its status says success.`];
const lines = process.env.BENCH_ONLY === 'server' ? [] : await measure('embedded', undefined, { first: 6_000, unchanged: 30_000 });
const server = process.env.BENCH_ONLY === 'embedded' ? undefined : await startServer();
if (server) {
  try {
    lines.push(...(await measure(`server (${server.version})`, server.url, { first: 20_000, unchanged: 30_000 })));
  } finally {
    await server.stop();
  }
} else notes.push('Server Postgres: skipped, since there are no server binaries below /usr/lib/postgresql.');
report({ name: 'sync', title: 'Sync', lines, notes });

async function measure(kind: string, databaseUrl: string | undefined, goals: { first: number; unchanged: number }): Promise<Line[]> {
  const found = { copy: [] as number[], first: [] as number[], unchanged: [] as number[] };
  const platform = await startPlatform(databaseUrl ? { databaseUrl } : {});
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const name = `items-${round}`; // a sync of its own is a first sync again
      found.copy.push(await measureCopy(platform.database, rows));
      await deploy(platform, 'sync', name, code.replaceAll("'Item'", `'Item${round}'`), [`Item${round}`]);
      await started(name);
      found.first.push(COUNT / (await runSync(platform, name)));
      found.unchanged.push(COUNT / (await runSync(platform, name)));
    }
  } finally {
    await platform.stop();
  }
  const floor = `${kind}: COPY of the same rows`;
  return [
    { what: floor, rounds: found.copy, unit: '/s' },
    { what: `${kind}: first sync`, rounds: found.first, unit: '/s', floor, goal: { atLeast: goals.first } },
    { what: `${kind}: unchanged`, rounds: found.unchanged, unit: '/s', floor, goal: { atLeast: goals.unchanged } },
  ];

  /** A deployed function becomes a sync of the connection by an event, a moment later. */
  async function started(name: string): Promise<void> {
    for (;;) {
      const query = `syncs=${name}&provider_config_key=bench&connection_id=bench-0`;
      const { syncs } = (await platform.call('GET', `/sync/status?${query}`)) as { syncs: unknown[] };
      if (syncs.length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
