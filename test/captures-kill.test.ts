/** kill -9 of the whole tree in the middle of a run that is captured: what was captured until a second before is there and opens, and the run that goes on has a capture of its own. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dropHome, makeHome, startPlatform, until } from './platform.ts';
import { closeAfterwards, json, startUpstream, writeProvider } from './upstream.ts';

const KEY = 'upstream';
const PAGES = 40;
const js = `const { createSync } = require('bowline');
exports.default = createSync({ exec: async (nango) => {
  const { page = 0 } = (await nango.getCheckpoint()) ?? {};
  for (let next = page; next < ${PAGES}; next++) {
    const { data } = await nango.get({ endpoint: '/page', params: { page: String(next) } });
    await nango.batchSave([data], 'Item');
    await nango.saveCheckpoint({ page: next + 1 });
  }
} });`;

test('a killed platform loses the last second of a capture and leaves no half', { timeout: 180_000 }, async () => {
  const place = await makeHome();
  let held = Number.POSITIVE_INFINITY;
  const upstream = closeAfterwards(
    await startUpstream((seen, response) => {
      const page = Number(seen.query.get('page'));
      if (page >= held) return; // never answered
      setTimeout(() => json(response, 200, { id: String(page), of: page }), 100);
    }),
  );
  const options = { ...place, providers: [writeProvider(join(place.home, '..'), upstream.url)], allow: [upstream.host] };
  let platform = await startPlatform(options);
  onTestFinished(async () => {
    await platform.stop();
    dropHome(place);
  });
  await platform.nango.createIntegration({ provider: KEY, unique_key: KEY });
  await platform.fetch('/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider_config_key: KEY, connection_id: 'c-1', credentials: { type: 'API_KEY', apiKey: 'k3y-canary-0f-it' } }),
  });
  await platform.api.captures.updateSettings({ query: {}, body: { rules: [{ integration: null, function: null, mode: 'all' }] } });
  held = 25;
  await platform.fetch('/sync/deploy', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      flowConfigs: [
        {
          type: 'sync',
          syncName: 'pages',
          providerConfigKey: KEY,
          models: ['Item'],
          runs: 'every day',
          auto_start: true,
          fileBody: { js, ts: js },
        },
      ],
      reconcile: true,
      debug: false,
      nangoYamlBody: '',
    }),
  });
  const capturesNow = async () => (await platform.api.captures.list({ query: {} })).data;
  await until('half of the pages were captured', async () => ((await capturesNow())[0]?.calls ?? 0) > 3 * 12);
  await platform.kill();
  held = Number.POSITIVE_INFINITY;
  platform = await startPlatform(options);
  await until('the run has ended', async () => (await capturesNow()).some(({ state }) => state === 'whole'));

  const [after, before] = await capturesNow();
  expect([before?.state, before?.ended_at, after?.run_id]).toEqual(['running', null, before?.run_id]);
  const entriesOf = async (id: string) => {
    const entries = [];
    for (let part: number | null = 0; part !== null; ) {
      const from: number = part;
      const page = await platform.api.captures.get({ params: { id }, query: { part: from } });
      entries.push(...page.entries);
      part = page.next_part;
    }
    return entries;
  };
  const pagesOf = (entries: Awaited<ReturnType<typeof entriesOf>>) =>
    entries.flatMap((entry) => (entry.entry === 'call' && entry.method === 'proxy' ? [Number(Object(entry.params.params).page)] : []));
  const [old, anew] = [await entriesOf(before?.id ?? ''), await entriesOf(after?.id ?? '')];
  // In order and without a gap, from the beginning to somewhere.
  expect(pagesOf(old)).toEqual(pagesOf(old).map((_, index) => index));
  expect(pagesOf(old).length).toBeGreaterThanOrEqual(12);
  const start = anew[0]?.entry === 'start' ? Number(anew[0].checkpoint?.page) : 0;
  expect(pagesOf(anew)).toEqual(Array.from({ length: PAGES - start }, (_, index) => start + index));
  expect(anew.at(-1)?.entry).toBe('end');
  expect(JSON.stringify([old, anew])).not.toContain('canary');
});
