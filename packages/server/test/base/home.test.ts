import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { HomeTakenError, lockHome } from '../../src/base/home.ts';
import { bundle, start } from './process.ts';

const root = mkdtempSync(join(tmpdir(), 'bowline-home-'));
const taker = await bundle(new URL('./fixtures/take.ts', import.meta.url));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(join(taker, '..'), { recursive: true, force: true });
});
const url = 'http://localhost:21098';

test('a second holder is refused and told who holds it; a release lets the next one in and leaves nothing behind', () => {
  const home = join(root, 'twice');
  const lock = lockHome(home, { url });
  expect(() => lockHome(home, { url })).toThrow(HomeTakenError);
  expect(() => lockHome(home, { url })).toThrow(`process ${process.pid}, ${url}`);
  lock.release();
  lockHome(home, { url }).release();
  expect(readdirSync(home)).toEqual([]);
});

test('the lock dies with a process that is killed', async () => {
  const home = join(root, 'killed');
  const holder = await start(taker, [home]);
  expect(holder.line).toBe('taken');
  expect(() => lockHome(home, { url })).toThrow(`process ${holder.child.pid}`);
  holder.child.kill('SIGKILL');
  await holder.exited;
  lockHome(home, { url }).release();
});

test('a lock whose number was given to another process since is not taken for alive', () => {
  writeFileSync(join(root, 'lock'), JSON.stringify({ pid: process.pid, startedAt: 'another boot:1', url }));
  lockHome(root, { url }).release();
});

test('of several processes that find a dead lock at once, exactly one takes it', async () => {
  const home = join(root, 'race');
  lockHome(home, { url }).release();
  writeFileSync(join(home, 'lock'), JSON.stringify({ pid: 999_999_999, startedAt: 'dead', url }));
  const rivals = await Promise.all(Array.from({ length: 6 }, () => start(taker, [home])));
  expect(rivals.map(({ line }) => line).sort()).toEqual(['refused', 'refused', 'refused', 'refused', 'refused', 'taken']);
});
