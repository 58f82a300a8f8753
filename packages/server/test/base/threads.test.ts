/** Threads that answer: each question gets one answer or one error, whatever becomes of its thread, and nobody is left waiting. */
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createThreads, type Threads, type ThreadsOptions } from '../../src/base/threads.ts';

const path = () => fileURLToPath(new URL('fixtures/thread.mjs', import.meta.url));
let threads: Threads;
const open = (options: Partial<ThreadsOptions> = {}) => {
  threads = createThreads({ log: pino({ level: 'silent' }), path, data: 'data', max: 2, ...options });
  return threads;
};
afterEach(() => threads.close());
type Answer = { say: number; threadId: number; workerData: unknown };
const ask = async (question: object) => (await threads.ask(question)) as Answer;

test('however many are asked at once, each gets its own answer, by as many threads as there may be', async () => {
  open();
  const answers = await Promise.all(Array.from({ length: 40 }, (_, say) => ask({ say, waitMs: (say * 7) % 5 })));
  expect(answers.map(({ say }) => say)).toEqual(Array.from({ length: 40 }, (_, say) => say));
  expect(new Set(answers.map(({ threadId }) => threadId)).size).toBe(2);
  expect(answers[0]?.workerData).toBe('data');
});

test('what a thread throws is thrown where it was asked, and the thread goes on', async () => {
  open({ max: 1 });
  const { threadId } = await ask({ say: 1 });
  await expect(ask({ fail: 'odd' })).rejects.toMatchObject({ name: 'OddError', message: 'odd', stack: 'OddError: at the thread' });
  expect(await ask({ say: 2 })).toMatchObject({ say: 2, threadId });
});

test('a thread that ends fails its own question alone: those that wait have another', async () => {
  open({ max: 1 });
  const asked = [ask({ exit: 3 }), ask({ say: 1 }), ask({ say: 2 })];
  expect(await Promise.allSettled(asked)).toMatchObject([
    { status: 'rejected', reason: { message: 'A thread of this process ended (3)' } },
    { status: 'fulfilled', value: { say: 1 } },
    { status: 'fulfilled', value: { say: 2 } },
  ]);
});

test('a thread that cannot be made fails who asked, and the next one tries again', async () => {
  let tries = 0;
  open({ path: () => (++tries === 1 ? Promise.reject(new Error('not built')) : path()) });
  await expect(ask({ say: 1 })).rejects.toThrow('not built');
  expect(await ask({ say: 2 })).toMatchObject({ say: 2 });
});

test('one that has nothing to do ends, and the next question gets a new one', async () => {
  open({ max: 1, idleMs: 20 });
  const { threadId } = await ask({ say: 1 });
  let other = threadId;
  while (other === threadId) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    other = (await ask({ say: 2 })).threadId;
  }
});

test('a close leaves nobody waiting: neither who is asked, nor who waits, nor who comes after it', async () => {
  open({ max: 1 });
  await ask({ say: 0 });
  const asked = [ask({ say: 1, waitMs: 60_000 }), ask({ say: 2 })];
  const settled = Promise.allSettled(asked);
  await threads.close();
  expect(await settled).toMatchObject([{ status: 'rejected' }, { status: 'rejected', reason: { message: 'This process is stopping' } }]);
  await expect(ask({ say: 3 })).rejects.toThrow('This process is stopping');
});
