/** Where a consumer goes on, what it stores, and when it ends. The server is a real one that tells of records as ours does. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bowline, memoryCursors } from '@bowline/node';
import { fileCursors } from '@bowline/node/file';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

let server: Upstream;
let client: Bowline;
let total = 5;
beforeAll(async () => {
  server = await startUpstream(({ query }, response) => {
    const from = Number(query.get('cursor') ?? 0);
    const to = Math.min(total, from + Number(query.get('limit') ?? 100));
    const records = Array.from({ length: to - from }, (_, index) => ({
      id: String(from + index),
      _nango_metadata: { cursor: String(from + index + 1) },
    }));
    json(response, 200, { records, next_cursor: to < total ? String(to) : null });
  });
  client = new Bowline({ host: server.url, secretKey: '11111111-2222-4333-8444-555555555555' });
});
afterAll(() => server.stop());
const rows = { providerConfigKey: 'crm', connectionId: 'a/b', model: 'Row', limit: 2 };

test('the cursor is stored after the handler and before the next page', async () => {
  const order: string[] = [];
  const store = { load: () => null, save: async (_key: string, cursor: string) => void order.push(`saved ${cursor}`) };
  await client.consume({ ...rows, store }, async (page, position) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push(`handled ${page.records.length} to ${position.cursor} of ${position.key}`);
  });
  const key = 'crm/a%2Fb/Row/base';
  expect(order).toEqual([2, 4, 5].flatMap((cursor) => [`handled ${cursor === 5 ? 1 : 2} to ${cursor} of ${key}`, `saved ${cursor}`]));
});

test('a store that fails ends it, and the page comes again', async () => {
  const broken = { load: () => undefined, save: () => Promise.reject(new Error('disk full')) };
  const got: string[] = [];
  const handle = (page: Iterable<{ id: string }>) => void got.push(...[...page].map(({ id }) => id));
  await expect(client.consume({ ...rows, store: broken }, handle)).rejects.toThrow('disk full');
  await client.consume({ ...rows, store: memoryCursors() }, handle);
  expect(got).toEqual(['0', '1', '0', '1', '2', '3', '4']);
});

test('streams have cursors of their own, and a key that is given is used', async () => {
  const keys: string[] = [];
  const store = { load: (key: string) => void keys.push(key), save: () => undefined };
  for (const variant of [undefined, 'archive']) await client.consume({ ...rows, variant, store }, () => undefined);
  await client.consume({ ...rows, key: 'mine', store }, () => undefined);
  expect(keys).toEqual(['crm/a%2Fb/Row/base', 'crm/a%2Fb/Row/archive', 'mine']);
});

test('a time is where it begins, the cursor where it goes on', async () => {
  server.seen.splice(0);
  const store = memoryCursors();
  await client.consume({ ...rows, limit: 100, modifiedAfter: '2026-01-01T00:00:00.000Z', store }, () => undefined);
  await client.consume({ ...rows, limit: 100, modifiedAfter: '2026-01-01T00:00:00.000Z', store }, () => undefined);
  expect(server.seen.map(({ query }) => [query.has('modified_after'), query.has('cursor')])).toEqual([
    [true, false],
    [false, true],
  ]);
});

test('following rejects with what fails when nobody wants to hear of it', async () => {
  const store = memoryCursors();
  const following = client.consume({ ...rows, store, follow: true, everyMs: 1 }, () => Promise.reject(new Error('broken')));
  await expect(following).rejects.toThrow('broken');
});

test('following ends while the handler works: its page is done first, and stored', async () => {
  const store = memoryCursors();
  const stop = new AbortController();
  const consumed = await client.consume({ ...rows, store, follow: true }, () => stop.abort(), { signal: stop.signal });
  expect(consumed).toEqual({ pages: 1, records: 2 });
  expect(await store.load('crm/a%2Fb/Row/base')).toBe('2');
});

test('without following, a signal rejects between two pages', async () => {
  const stop = new AbortController();
  const consuming = client.consume({ ...rows, store: memoryCursors() }, () => stop.abort(new Error('enough')), { signal: stop.signal });
  await expect(consuming).rejects.toThrow('enough');
});

test('what comes later is met when it comes', async () => {
  const store = memoryCursors();
  await client.consume({ ...rows, store }, () => undefined);
  total = 7;
  const got: string[] = [];
  await client.consume({ ...rows, store }, (page) => void got.push(...page.records.map(({ id }) => id)));
  expect(got).toEqual(['5', '6']);
});

test('cursors in files: one a key whatever is in it, whole at any time, and a damaged one is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-cursors-'));
  const store = fileCursors(join(folder, 'below'));
  const long = `crm/${'x'.repeat(300)}/../Row`;
  expect(await store.load(long)).toBeUndefined();
  await Promise.all(Array.from({ length: 20 }, (_, index) => store.save(long, `c${index}`)));
  await store.save('other', 'o');
  expect(await store.load(long)).toMatch(/^c\d+$/);
  expect(await store.load('other')).toBe('o');
  const files = readdirSync(join(folder, 'below'));
  expect(files).toHaveLength(2); // no drafts are left
  const [file = ''] = files.filter((name) => readFileSync(join(folder, 'below', name), 'utf8').includes('other'));
  writeFileSync(join(folder, 'below', file), '{}');
  await expect(store.load('other')).rejects.toThrow('holds no cursor');
  rmSync(folder, { recursive: true });
});
