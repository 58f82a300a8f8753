/**
 * kill -9 of the whole tree (platform, Postgres, sandboxes) at random moments of a sync and of what follows it, again and again on one data
 * folder. After each restart the sync must end by itself with exactly the upstream's records, true counts and a webhook that tells them.
 * KILL_SEED repeats a run, KILL_ROUNDS asks for more or fewer kills.
 */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { deploy, dropHome, makeHome, type Platform, signIn, startPlatform, until } from './platform.ts';
import { closeAfterwards, json, startUpstream, writeProvider } from './upstream.ts';

const KEY = 'upstream';
const ID = 'customer-1';
/** Kills that must fall between a sync's first page and its last; those that fall before or after are checked as well and not counted. */
const KILLS = Number(process.env.KILL_ROUNDS ?? 50);
const ROUNDS_MAX = 2 * KILLS;
const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const PER_PAGE = 20;
const COUNT = 400;

type Told = { at: number; added: number; updated: number; deleted: number; modifiedAfter: string };

test(`${KILLS} kills in the middle of a sync lose nothing and double nothing (seed ${SEED})`, {
  timeout: ROUNDS_MAX * 15_000,
}, async () => {
  console.log(`KILL_SEED=${SEED}`);
  const random = mulberry32(SEED);
  const place = await makeHome();
  let generation = 0;
  const upstream = closeAfterwards(
    await startUpstream((seen, response) => {
      const page = Number(seen.query.get('page') ?? 0);
      const rows = Array.from({ length: PER_PAGE }, (_, index) => ({ id: String(page * PER_PAGE + index), value: `${generation}` }));
      json(response, 200, { rows, next: (page + 1) * PER_PAGE < COUNT ? page + 1 : null });
    }),
  );
  const told: Told[] = [];
  const sink = closeAfterwards(
    await startUpstream(({ at, body }, response) => {
      const event = JSON.parse(body);
      if (event.type === 'sync') told.push({ at, ...event.responseResults, modifiedAfter: event.modifiedAfter });
      json(response, 200, {});
    }),
  );
  const options = { ...place, providers: [writeProvider(join(place.home, '..'), upstream.url)], allow: [upstream.host, sink.host] };
  let platform = await startPlatform(options);
  onTestFinished(async () => {
    await platform.stop();
    dropHome(place);
  });
  await prepare(platform, sink.url);
  await platform.nango.triggerSync(KEY, ['pages'], ID);
  await until('the webhook about a run that nobody kills', () => told.length === 1);
  /** Runs of earlier rounds: their webhooks may still come a second time. */
  const earlier = new Set(told.map(({ modifiedAfter }) => modifiedAfter));
  const news = () => told.filter(({ modifiedAfter }) => !earlier.has(modifiedAfter));

  let interrupted = 0;
  let round = 0;
  while (interrupted < KILLS && round < ROUNDS_MAX) {
    round += 1;
    generation = round;
    // Every third time everything is emptied and added anew, else every record changes.
    const isFresh = round % 3 === 0;
    const seenBefore = upstream.seen.length;
    const last = await finishedAt(platform);
    await platform.nango.triggerSync(KEY, ['pages'], ID, isFresh ? { reset: true, emptyCache: true } : { reset: true });
    await someMoment(random, () => upstream.seen.length - seenBefore);
    await platform.kill();
    const pages = upstream.seen.length - seenBefore;
    if (pages > 0 && pages < COUNT / PER_PAGE) interrupted += 1;
    platform = await startPlatform(options);

    const expected = isFresh ? { added: COUNT, updated: 0, deleted: 0 } : { added: 0, updated: COUNT, deleted: 0 };
    const about = `round ${round} of seed ${SEED}, killed after ${pages} pages`;
    const status = await until(`${about}: the sync ends`, async () => {
      const { syncs } = await platform.api.syncs.status({ query: { syncs: 'pages', provider_config_key: KEY, connection_id: ID } });
      const [one] = syncs;
      return one?.status !== 'RUNNING' && one?.finishedAt && one.finishedAt !== last ? one : undefined;
    });
    expect(status.latestExecutionStatus, about).toBe('SUCCESS');
    expect(status.latestResult, about).toEqual({ Row: expected });
    expect(await allValues(platform), about).toEqual(new Map(Array.from({ length: COUNT }, (_, id) => [String(id), `${round}`])));
    await until(`${about}: the webhook`, () => news().length > 0);
    // Sent twice is allowed (killed between the answer and noting it), told differently is not.
    for (const { added, updated, deleted } of news()) expect({ added, updated, deleted }, about).toEqual(expected);
    expect(new Set(news().map(({ modifiedAfter }) => modifiedAfter)).size, about).toBe(1);
    for (const { modifiedAfter } of news()) earlier.add(modifiedAfter);
  }
  console.log(`${interrupted} of ${round} kills fell between the first page and the last`);
  expect(interrupted, 'kills in the middle of the sync; if few, the moments were badly chosen').toBe(KILLS);
});

async function prepare(platform: Platform, sinkUrl: string): Promise<void> {
  await platform.nango.createIntegration({ provider: KEY, unique_key: KEY });
  deploy(platform);
  const body = { provider_config_key: KEY, connection_id: ID, credentials: { type: 'API_KEY', apiKey: 'key' } };
  await platform.fetch('/connections', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const member = await signIn(platform);
  await member.updateEnvironment({ query: {}, body: { webhooks: { primary_url: sinkUrl, on_sync_completion_always: false } } });
}

/** Mostly while pages are read; else before the first, or around the end, when the run is closed and the webhook goes out. */
async function someMoment(random: () => number, pagesRead: () => number): Promise<void> {
  const where = random();
  const page = where < 0.7 ? 1 + Math.floor(random() * (COUNT / PER_PAGE - 1)) : where < 0.85 ? COUNT / PER_PAGE : 0;
  const extraMs = random() * (where < 0.7 ? 8 : 60);
  await until(`page ${page} is read`, () => pagesRead() >= page);
  await new Promise((resolve) => setTimeout(resolve, extraMs));
}

async function finishedAt(platform: Platform): Promise<string | undefined> {
  const { syncs } = await platform.nango.syncStatus(KEY, ['pages'], ID);
  return syncs[0]?.status === 'RUNNING' ? undefined : syncs[0]?.finishedAt;
}

async function allValues(platform: Platform): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  let read = 0;
  for (let cursor: string | undefined; ; ) {
    const of = { providerConfigKey: KEY, connectionId: ID, model: 'Row', limit: 150, ...(cursor && { cursor }) };
    const page = await platform.nango.listRecords<{ id: string; value: string }>(of);
    for (const { id, value } of page.records) values.set(id, value);
    read += page.records.length;
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  expect(read, 'records read, doubled ones included').toBe(values.size);
  return values;
}

/** A small seeded generator, so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
