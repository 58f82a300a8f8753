/**
 * Reading the catalogue, each time in a process of its own: compiled, as `npm run build` leaves it for the server, and from YAML, as it is
 * read where nothing is built. Memory is what the heap keeps.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '@bowline/providers/catalogue';
import { report } from './report.ts';
import { root } from './root.ts';

type Cost = { readonly ms: number; readonly megabytes: number; readonly count: number };

const folder = join(root, 'packages/providers/catalog');
const [, , mode, file] = process.argv;
if (mode === 'once') console.log(JSON.stringify(once(file ?? '')));
else measure(Number(process.env.ROUNDS ?? 5));

function measure(rounds: number): void {
  const temporary = mkdtempSync(join(tmpdir(), 'bench-'));
  const compiled = join(temporary, 'catalogue.json');
  copyFileSync(join(root, 'packages/providers/dist/catalogue.json'), compiled); // newer than this bundle, of which the rules are part
  const costs = (path: string) => Array.from({ length: rounds }, () => costOf(path));
  const [fast, slow] = [costs(compiled), costs('')];
  rmSync(temporary, { recursive: true });
  const count = fast[0]?.count ?? 0;
  report({
    name: 'catalogue',
    title: `Reading the catalogue: ${count} providers`,
    lines: [
      { what: 'compiled, CPU time', rounds: fast.map(({ ms }) => ms), unit: 'ms', goal: { atMost: 30 } },
      { what: 'compiled, heap', rounds: fast.map(({ megabytes }) => megabytes), unit: 'MB', goal: { atMost: 15 } },
      { what: 'from YAML, CPU time', rounds: slow.map(({ ms }) => ms), unit: 'ms' },
      { what: 'from YAML, heap', rounds: slow.map(({ megabytes }) => megabytes), unit: 'MB' },
    ],
    notes: ['`loadCatalogue` in a new process, its modules loaded; heap after a collection, against before.'],
  });
}

function costOf(path: string): Cost {
  const { ms, megabytes, count }: Cost = JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), 'once', path], { encoding: 'utf8' }),
  );
  return { ms, megabytes, count };
}

function once(compiled: string): Cost {
  const heap = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const before = heap();
  const started = process.cpuUsage();
  const catalogue = loadCatalogue({ folder, compiled });
  const { user, system } = process.cpuUsage(started);
  const ms = (user + system) / 1000;
  return { ms, megabytes: heap() - before, count: catalogue.list().length };
}
