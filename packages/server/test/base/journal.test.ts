import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { createJournal } from '../../src/base/journal.ts';

const log = pino({ level: 'silent' });

test('entries are saved in batches, in the order they were written, without anyone asking', async () => {
  const batches: number[][] = [];
  const journal = createJournal<number>(async (entries) => void batches.push([...entries]), { log, everyMs: 5 });
  for (let id = 0; id < 100; id++) journal.write(id);
  await vi.waitFor(() => expect(batches.flat()).toEqual(Array.from({ length: 100 }, (_, id) => id)));
  expect(batches).toHaveLength(1);
});

test('flush resolves only when all that was written before is saved, an ongoing save included', async () => {
  const saved: number[] = [];
  let finish = () => {};
  const journal = createJournal<number>(
    async (entries) => {
      if (saved.length === 0) await new Promise<void>((resolve) => (finish = resolve));
      saved.push(...entries);
    },
    { log, everyMs: 1 },
  );
  journal.write(1);
  const first = journal.flush();
  journal.write(2);
  const second = journal.flush();
  finish();
  await first;
  await second;
  expect(saved).toEqual([1, 2]);
});

test('a failing save is retried, nothing is lost or reordered', async () => {
  const saved: number[] = [];
  let failures = 3;
  const journal = createJournal<number>(
    async (entries) => {
      if (failures-- > 0) throw new Error('database away');
      saved.push(...entries);
    },
    { log, everyMs: 1 },
  );
  for (let id = 0; id < 10; id++) {
    journal.write(id);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await journal.flush();
  expect(saved).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(failures).toBeLessThan(0);
});

test('while saving fails, memory is bounded: the oldest entries go, the newest stay, the loss is reported', async () => {
  const lines: string[] = [];
  const loud = pino({}, { write: (line) => void lines.push(line) });
  const saved: number[] = [];
  let away = true;
  const journal = createJournal<number>(
    async (entries) => {
      if (away) throw new Error('database away');
      saved.push(...entries);
    },
    { log: loud, everyMs: 1, max: 10 },
  );
  for (let id = 0; id < 100; id++) {
    journal.write(id);
    if (id % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  away = false;
  await journal.flush();
  expect(saved).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  expect(lines.some((line) => JSON.parse(line).dropped === 90 && JSON.parse(line).msg.includes('were dropped'))).toBe(true);
});

test('close saves what is left, and does not hang when it cannot', async () => {
  const saved: number[] = [];
  const journal = createJournal<number>(async (entries) => void saved.push(...entries), { log, everyMs: 60_000 });
  journal.write(1);
  await journal.close();
  expect(saved).toEqual([1]);
  const broken = createJournal<number>(() => Promise.reject(new Error('database away')), { log, everyMs: 1 });
  broken.write(1);
  await broken.close();
});
