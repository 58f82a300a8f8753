import { expect, test } from 'vitest';
import { createContext } from '../src/context.ts';
import { createLog } from '../src/log.ts';
import { conversation, syncSpec } from './conversation.ts';

test('after the end of its run a nango object refuses every call, and nothing of it reaches the host', async () => {
  const { port, calls, lines } = conversation();
  const { nango } = createContext(syncSpec, port, createLog(port));
  port.done({ ok: true, output: new Uint8Array() });
  const { getToken, getConnection, get, batchSave, saveCheckpoint, log } = nango as Record<
    string,
    (...given: unknown[]) => Promise<unknown>
  >;
  const late = [getToken?.(), getConnection?.(), get?.({ endpoint: '/' }), batchSave?.([{ id: 1 }], 'User'), saveCheckpoint?.({ a: 1 })];
  expect(late).toHaveLength(5);
  for (const one of late) await expect(one).rejects.toThrow('The run is over.');
  await log?.('ghost');
  expect([calls, lines]).toEqual([[], []]);
});

test('a run is over only when none of its calls is under way', async () => {
  let answer: (reply: object) => void = () => undefined;
  const { port } = conversation(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  expect(port.over).toBe(false);
  const asked = port.ask('token.get', {});
  port.done({ ok: true, output: new Uint8Array() });
  expect(port.over).toBe(false);
  answer({ value: 'late' });
  await asked;
  expect(port.over).toBe(true);
});
