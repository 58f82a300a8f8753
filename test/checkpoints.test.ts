/**
 * kill -9 at every checkpoint of a full crawl: after its page was read, after its batch was saved, in the middle of storing it, and once it is
 * stored. Once it is the platform's process that dies, once the sandboxes alone. Afterwards records, deletions and counts are those of a crawl
 * that nobody disturbed, and the requests that were made show that none began anew.
 */

import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deploy, dropHome, makeHome, type Platform, startPlatform, until } from './platform.ts';
import { descendants, killOne } from './processes.ts';
import { json, startUpstream, type Upstream, writeProvider } from './upstream.ts';

const KEY = 'upstream';
const PAGES = 12;
const PER_PAGE = 3;
/** A connection for each point at which it is killed. `storing`: told that the batch is saved it goes on, and the kill meets it wherever it is by then. */
const POINTS = ['read', 'saved', 'storing', 'stored'] as const;
type Point = (typeof POINTS)[number];

/** What the upstream has before the crawl that is disturbed, and while it goes on. */
const before = pagesOf((page, row) => (row === 0 ? { id: `gone-${page}`, value: 'old' } : { id: `${page}-${row}`, value: 'old' }));
const now = pagesOf((page, row) => {
  if (row === 0) return { id: `new-${page}`, value: 'new' };
  return { id: `${page}-${row}`, value: row === 1 ? 'changed' : 'old' };
});
const TRUE_COUNTS = { added: PAGES, updated: PAGES, deleted: PAGES };

let place: { home: string; port: number };
let platform: Platform;
let upstream: Upstream;
let rows = before;
/** Held at their point, by connection; what was held once is let through. */
const held = new Map<string, ServerResponse>();
const met = new Set<string>();
let holding: (by: string, point: string, page: number) => boolean = () => false;
const options = () => ({ ...place, providers: [writeProvider(join(place.home, '..'), upstream.url)], allow: [upstream.host] });

beforeAll(async () => {
  place = await makeHome();
  upstream = await startUpstream(({ path, query }, response) => {
    const [by, page, point] = [query.get('by') ?? '', Number(query.get('page')), query.get('point') ?? ''];
    if (path === '/rows') return json(response, 200, { rows: rows[page] ?? [], pages: PAGES });
    const step = `${by} ${point} ${page}`;
    if (holding(by, point, page) && (point === 'ended' || !met.has(step))) {
      met.add(step);
      held.set(by, response);
      return;
    }
    json(response, 200, {});
  });
  platform = await startPlatform(options());
  await platform.nango.createIntegration({ provider: KEY, unique_key: KEY });
  deploy(platform);
});
afterAll(async () => {
  await platform?.stop();
  await upstream?.stop();
  dropHome(place);
});

async function statusOf(by: string) {
  const { syncs } = await platform.api.syncs.status({ query: { syncs: 'steps', provider_config_key: KEY, connection_id: by } });
  return syncs[0];
}

/** Connections that crawled the upstream once, as it was before. */
async function connect(names: readonly string[]): Promise<void> {
  rows = before;
  holding = () => false;
  for (const connection_id of names) {
    const body = { provider_config_key: KEY, connection_id, credentials: { type: 'API_KEY', apiKey: 'key' } };
    await platform.fetch('/connections', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    await until(`the sync of ${connection_id} is there`, async () => (await statusOf(connection_id)) !== undefined);
  }
  await crawl(names);
  expect(await ended(names, new Map())).toEqual(names.map(() => ({ Step: { added: PAGES * PER_PAGE, updated: 0, deleted: 0 } })));
  rows = now;
  upstream.seen.length = 0;
}

async function crawl(names: readonly string[]): Promise<void> {
  for (const by of names) await platform.nango.triggerSync(KEY, ['steps'], by);
}

/** Waits until each has ended well, another time than the last. @returns what it counted */
function ended(names: readonly string[], last: ReadonlyMap<string, string | undefined>) {
  return Promise.all(
    names.map((by) =>
      until(`${by} ends`, async () => {
        const status = await statusOf(by);
        const isNew = status?.status !== 'RUNNING' && status?.finishedAt !== undefined && status.finishedAt !== last.get(by);
        return isNew && status.latestExecutionStatus === 'SUCCESS' ? status.latestResult : undefined;
      }),
    ),
  );
}

const lastOf = async (names: readonly string[]) =>
  new Map(await Promise.all(names.map(async (by) => [by, (await statusOf(by))?.finishedAt] as const)));

/** Until all stand at their point of this page; those that are to be met while they store are let go, and die a moment later. */
async function allAt(names: ReadonlyMap<string, Point>, page: number): Promise<void> {
  await until(`all are at page ${page}`, () => [...names.keys()].every((by) => held.has(by)));
  // Not at the end, where it could be through before it dies.
  for (const [by, response] of held) if (names.get(by) === 'storing' && page < PAGES) json(response, 200, {});
  held.clear();
}

async function expectTruth(by: string): Promise<void> {
  const { records } = await platform.nango.listRecords<{ id: string; value: string }>({
    providerConfigKey: KEY,
    connectionId: by,
    model: 'Step',
    limit: 1000,
  });
  const stored = records.map(({ id, value, _nango_metadata }) => ({ id, value: _nango_metadata.deleted_at ? 'deleted' : value }));
  const wanted = [...now.flat(), ...before.flatMap((page) => page.slice(0, 1).map(({ id }) => ({ id, value: 'deleted' })))];
  expect(stored.sort(byId), by).toEqual(wanted.sort(byId));
}

/**
 * Pages in the order they were asked for: a page is asked for again only when its checkpoint was not stored, and none before it. The kill
 * at the very end, when the checkpoint is cleared and deletions are not yet looked for, costs one more crawl.
 */
function expectNoNewStart(by: string, point: Point): void {
  const asked = upstream.seen
    .filter(({ path, query }) => path === '/rows' && query.get('by') === by)
    .map(({ query }) => Number(query.get('page')));
  const once = Array.from({ length: PAGES }, (_, page) => page);
  expect(asked.splice(-PAGES), by).toEqual(once);
  if (point === 'stored') expect(asked, by).toEqual(once);
  else if (point === 'storing') {
    // It may be a page or more ahead of its kill, and so come to the end, which costs a crawl, before the others do.
    expect(
      [...new Set(asked)].sort((a, b) => a - b),
      by,
    ).toEqual(once);
    expect(asked.length, by).toBeLessThanOrEqual(3 * PAGES);
  } else expect(asked, by).toEqual(once.flatMap((page) => [page, page]));
}

describe('a crawl that is killed at every checkpoint, and once more when it is about to end', () => {
  const at = (names: ReadonlyMap<string, Point>) => (by: string, point: string, page: number) =>
    point === 'ended' ||
    (page < PAGES && point === { read: 'read', saved: 'saved', storing: 'saved', stored: 'stored' }[names.get(by) ?? 'read']);

  test('with the platform: goes on at the next start, and its counts are those of one run', { timeout: 400_000 }, async () => {
    const names = new Map(POINTS.map((point) => [`platform-${point}`, point]));
    const all = [...names.keys()];
    await connect(all);
    const last = await lastOf(all);
    holding = at(names);
    await crawl(all);
    for (let page = 0; page <= PAGES; page++) {
      await allAt(names, page);
      killOne(platform.pid);
      await platform.exited;
      if (page === PAGES) holding = () => false;
      platform = await startPlatform(options());
    }
    expect(await ended(all, last)).toEqual(all.map(() => ({ Step: TRUE_COUNTS })));
    for (const [by, point] of names) {
      await expectTruth(by);
      expectNoNewStart(by, point);
    }
  });

  test('with its sandbox: fails that run, goes on with the next, and nothing is counted twice', { timeout: 400_000 }, async () => {
    const names = new Map(POINTS.map((point) => [`sandbox-${point}`, point]));
    const all = [...names.keys()];
    await connect(all);
    holding = at(names);
    const total = new Map(all.map((by) => [by, { added: 0, updated: 0, deleted: 0 }]));
    for (let page = 0; page <= PAGES; page++) {
      const last = await lastOf(all);
      await crawl(all);
      await allAt(names, page);
      for (const pid of descendants(platform.pid)) if (isSandbox(pid)) killOne(pid);
      for (const by of all) {
        const { latestExecutionStatus, latestResult } = await until(`the run of ${by} has failed`, async () => {
          const status = await statusOf(by);
          return status?.status !== 'RUNNING' && status?.finishedAt !== last.get(by) ? status : undefined;
        });
        expect(latestExecutionStatus, `${by} at page ${page}`).toBe('STOPPED');
        add(total.get(by), latestResult?.Step);
      }
    }
    holding = () => false;
    const last = await lastOf(all);
    await crawl(all);
    for (const [index, counted] of (await ended(all, last)).entries()) add(total.get(all[index] ?? ''), counted?.Step);
    expect(Object.fromEntries(total)).toEqual(Object.fromEntries(all.map((by) => [by, TRUE_COUNTS])));
    for (const [by, point] of names) {
      await expectTruth(by);
      expectNoNewStart(by, point);
    }
  });
});

function pagesOf(rowOf: (page: number, row: number) => { id: string; value: string }) {
  return Array.from({ length: PAGES }, (_, page) => Array.from({ length: PER_PAGE }, (_, row) => rowOf(page, row)));
}

function add(sum: typeof TRUE_COUNTS | undefined, more: typeof TRUE_COUNTS | undefined): void {
  if (sum === undefined) return;
  for (const name of ['added', 'updated', 'deleted'] as const) sum[name] += more?.[name] ?? 0;
}

function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : 1;
}

function isSandbox(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'deno';
  } catch {
    return false;
  }
}
