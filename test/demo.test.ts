/** `npm run demo`, as a process: the whole path for real, and an exit code that means something. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from './platform.ts';
import { descendants, isAlive } from './processes.ts';

type Report = {
  ok: boolean;
  steps: { name: string; ok: boolean; result: string; failure?: { message: string; expected: string; came: string } }[];
};

test('the demo holds, tells each step as JSON and leaves no process', { timeout: 120_000 }, async () => {
  const { code, report, children } = await demo([]);
  expect(report.steps.filter(({ ok }) => !ok)).toEqual([]);
  expect(report.steps.map(({ name, result }) => `${name}: ${result}`)).toEqual(
    expect.arrayContaining([
      'issues synced by themselves: 150 added, 0 updated, 0 deleted',
      'labels synced by themselves: 12 added, 0 updated, 0 deleted',
      'only the changes: issues: 1 added, 1 updated, 0 deleted',
      'only the changes: labels: 0 added, 0 updated, 1 deleted',
    ]),
  );
  expect(report.ok).toBe(true);
  expect(code).toBe(0);
  expect(children.length).toBeGreaterThan(2);
  expect(children.filter(isAlive)).toEqual([]);
});

test('the demo fails when a function does not do what it should', { timeout: 120_000 }, async () => {
  const project = mkdtempSync(join(tmpdir(), 'bowline-project-'));
  onTestFinished(() => rmSync(project, { recursive: true }));
  cpSync(join(root, 'examples/integrations'), project, { recursive: true });
  const issues = join(project, 'github/syncs/issues.ts');
  const source = readFileSync(issues, 'utf8');
  const broken = source.replace('!issue.pull_request)', '!issue.pull_request && issue.number !== 5)');
  expect(broken).not.toBe(source);
  writeFileSync(issues, broken);
  const { code, report } = await demo(['--project', project]);
  expect(code).toBe(1);
  expect(report.ok).toBe(false);
  expect(report.steps.at(-1)).toMatchObject({
    name: 'issues synced by themselves',
    ok: false,
    failure: { expected: '{"added":150,"updated":0,"deleted":0}', came: '{"added":148,"updated":0,"deleted":0}' },
  });
});

/** @returns also the processes seen below it while it ran */
async function demo(words: string[]): Promise<{ code: number | null; report: Report; children: number[] }> {
  const child = spawn(process.execPath, [join(root, 'scripts/demo.mjs'), '--json', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  const seen = new Set<number>();
  const watching = setInterval(() => {
    for (const pid of descendants(child.pid ?? 0)) seen.add(pid);
  }, 200);
  const output = Buffer.concat(await child.stdout.toArray()).toString();
  const code = await new Promise<number | null>((resolve) =>
    child.exitCode === null ? child.once('exit', resolve) : resolve(child.exitCode),
  );
  clearInterval(watching);
  return { code, report: JSON.parse(output), children: [...seen] };
}
