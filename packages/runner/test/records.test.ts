import { describe, expect, test } from 'vitest';
import { createContext } from '../src/context.ts';
import { createLog } from '../src/log.ts';
import { type Call, conversation, type Reply, syncSpec } from './conversation.ts';

// The object authors get is untyped inside the runner; its types belong to the authoring package.
type Sync = Record<string, (...parts: unknown[]) => Promise<unknown>>;

function sync(answer?: (call: Call, index: number) => Reply | Promise<Reply>) {
  const talk = conversation(answer);
  const { nango } = createContext(syncSpec, talk.port, createLog(talk.port));
  return { ...talk, nango: nango as Sync };
}

const people = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `n${n}`, id: n + 1 }));
const linesOf = (call: Call | undefined) => new TextDecoder().decode(call?.body).split('\n');

describe('saving records', () => {
  test('sends one canonical line per record with its id as text and without platform metadata', async () => {
    const { nango, calls } = sync();
    const record = { z: 1, id: 7, a: { c: 1, b: '\0x' }, _nango_metadata: { cursor: 'c' } };
    expect(await nango.batchSave?.([record, { id: 'b\0' }], 'User')).toBe(true);
    expect(calls).toMatchObject([{ method: 'records.save', params: { model: 'User', ids: ['7', 'b'] } }]);
    expect(linesOf(calls[0])).toEqual(['{"a":{"b":"x","c":1},"id":"7","z":1}', '{"id":"b"}']);
    expect(record).toHaveProperty('_nango_metadata');
  });

  test('sends chunks of 1,000, at most two in flight, and resolves after the last answer', async () => {
    let now = 0;
    let most = 0;
    const { nango, calls } = sync(async () => {
      most = Math.max(most, ++now);
      await new Promise((go) => setTimeout(go, 5));
      now--;
      return {};
    });
    await nango.batchSave?.(people(4500), 'User');
    expect(now).toBe(0);
    expect(most).toBe(2);
    expect(calls.map((call) => linesOf(call).length)).toEqual([1000, 1000, 1000, 1000, 500]);
    expect(calls.flatMap((call) => call.params.ids)).toEqual(people(4500).map((one) => String(one.id)));
  });

  test('does nothing for nothing', async () => {
    const { nango, calls } = sync();
    expect([await nango.batchSave?.([], 'User'), await nango.batchSave?.(undefined, 'User')]).toEqual([true, true]);
    expect(calls).toEqual([]);
  });

  test.each([
    ['a missing id', [{ id: 1 }, { name: 'who' }], 'Missing id field in record 1: {"name":"who"}', ['1']],
    ['an empty id', [{ id: '' }], 'Missing id field', []],
    ['a null among records', [{ id: 1 }, null], 'Record 1 is null', ['1']],
    ['something that is no list', { id: 1 }, 'expected a list', []],
  ])('fails for %s before sending, and tells which ones came', async (_what, records, message, met) => {
    const { nango, calls } = sync();
    await expect(nango.batchSave?.(records, 'User')).rejects.toMatchObject({
      type: 'invalid_sync_record',
      message: expect.stringContaining(message),
    });
    expect(calls.map(({ method, params }) => [method, params])).toEqual(
      met.length > 0 ? [['records.met', { model: 'User', ids: met }]] : [],
    );
  });

  test('fails for a model the sync does not declare', async () => {
    await expect(sync().nango.batchSave?.([{ id: 1 }], 'Ghost')).rejects.toMatchObject({
      message: expect.stringContaining(`Model 'Ghost' is not declared`),
    });
  });

  test('a checkpoint waits for saves nobody awaited, and is not written when one of them fails', async () => {
    const order: string[] = [];
    const slow = sync(async (call) => {
      if (call.method === 'records.save') await new Promise((go) => setTimeout(go, 10));
      order.push(call.method);
      return {};
    });
    void slow.nango.batchSave?.([{ id: 1 }], 'User');
    await slow.nango.saveCheckpoint?.({ page: 2, at: new Date(0) });
    expect(order).toEqual(['records.save', 'checkpoint.save']);
    expect(slow.calls[1]?.params).toEqual({ checkpoint: { page: 2, at: '1970-01-01T00:00:00.000Z' } });

    const failing = sync((call) => (call.method === 'records.save' ? { fail: { name: 'Error', message: 'disk full' } } : {}));
    failing.nango.batchSave?.([{ id: 1 }], 'User').catch(() => undefined);
    await expect(failing.nango.saveCheckpoint?.({ page: 2 })).rejects.toThrow('disk full');
    expect(failing.calls.map((call) => call.method)).toEqual(['records.save', 'records.met']);
  });

  test('a nested checkpoint is refused with the name of the field', async () => {
    await expect(sync().nango.saveCheckpoint?.({ deep: { a: 1 } })).rejects.toThrow(`Checkpoint field 'deep' is object`);
  });
});

describe('reading records back', () => {
  test('by ids: a map keyed as asked, 100 a call, missing ids absent', async () => {
    const { nango, calls } = sync(({ params }) => ({
      body: JSON.stringify((params.ids as string[]).filter((id) => id !== '5').map((id) => ({ id }))),
    }));
    const ids = Array.from({ length: 150 }, (_, n) => n);
    const found = (await nango.getRecordsByIds?.(ids, 'User')) as Map<unknown, unknown>;
    expect(calls.map(({ params }) => (params.ids as string[]).length)).toEqual([100, 50]);
    expect([found.size, found.get(7), found.has('7'), found.has(5)]).toEqual([149, { id: '7' }, false, false]);
  });

  test('by list: every page, starting where asked', async () => {
    const { nango, calls } = sync((_call, index) => ({
      value: { nextCursor: index < 2 ? `c${index}` : null },
      body: `[{"id":"${index}"}]`,
    }));
    const seen: unknown[] = [];
    const all = nango.listRecords?.('User', { cursor: 'start' }) as unknown as AsyncIterable<unknown>;
    for await (const record of all) seen.push(record);
    expect(seen).toEqual([{ id: '0' }, { id: '1' }, { id: '2' }]);
    expect(calls.map(({ params }) => params.cursor)).toEqual(['start', 'c0', 'c1']);
  });
});

describe('the rest of the surface', () => {
  test('metadata is remembered until this function changes it, even when the change fails', async () => {
    let asked = 0;
    const { nango } = sync((call) => {
      if (call.method === 'connection.get') return { value: { metadata: { asked: ++asked } } };
      return { fail: { name: 'Error', message: 'no' } };
    });
    expect([await nango.getMetadata?.(), await nango.getMetadata?.()]).toEqual([{ asked: 1 }, { asked: 1 }]);
    await nango.updateMetadata?.({ a: 1 }).catch(() => undefined);
    expect(await nango.getMetadata?.()).toEqual({ asked: 2 });
    await nango.getConnection?.(undefined, undefined, { forceRefresh: true });
    expect(asked).toBe(3);
  });

  test('a second merging strategy for a model is ignored with a warning', async () => {
    const { nango, calls, lines } = sync();
    await nango.setMergingStrategy?.({ strategy: 'ignore_if_modified_after' }, 'User');
    await nango.setMergingStrategy?.({ strategy: 'override' }, 'User');
    expect(calls).toMatchObject([{ method: 'records.mergingStrategy', params: { model: 'User', strategy: 'ignore_if_modified_after' } }]);
    expect(lines).toMatchObject([{ level: 'warn' }]);
  });

  test('an aborted run fails its calls in flight and all later ones', async () => {
    const { nango, port } = sync(() => new Promise<Reply>(() => undefined));
    const inFlight = nango.getToken?.();
    port.abort('cancelled');
    await expect(inFlight).rejects.toMatchObject({ type: 'script_aborted' });
    await expect(nango.getToken?.()).rejects.toMatchObject({ type: 'script_aborted' });
  });

  test('uncontrolledFetch answers a WHATWG Response and names refusals', async () => {
    const ok = sync(() => ({
      value: { status: 200, statusText: 'OK', headers: { 'content-type': 'application/json' }, url: 'https://a.b/c' },
      body: '{"x":1}',
    }));
    const response = (await ok.nango.uncontrolledFetch?.({ url: new URL('https://a.b/c'), method: 'post', body: 'hi' })) as Response;
    expect([response.status, response.url, await response.json()]).toEqual([200, 'https://a.b/c', { x: 1 }]);
    expect(ok.calls[0]?.params).toMatchObject({ url: 'https://a.b/c', method: 'POST', hasBody: true });
    const denied = sync(() => ({ fail: { name: 'Error', code: 'url_not_allowed', message: 'private address' } }));
    const refusal = denied.nango.uncontrolledFetch?.({ url: new URL('http://10.0.0.1') });
    await expect(refusal).rejects.toMatchObject({ type: 'action_script_runtime_error', payload: { code: 'url_not_allowed' } });
  });
});
