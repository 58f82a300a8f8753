/** Webhooks without a tunnel: a Bowline that providers reach, in a process of its own, and `bowline dev` with its own platform, which they do not. */
import { createHmac } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { syncFile } from '../packages/cli/test/project.ts';
import { makeFolder, startDev } from './dev-stage.ts';
import { dropHome, makeHome, startPlatform } from './platform.ts';

/** Of how long a broken test takes: two platforms start, each with a Postgres. */
vi.setConfig({ testTimeout: 180_000 });
const KEY = 'unauthenticated';
const secret = 'the client secret';
const body = '{"action":"created"}';
const signed = { 'sentry-hook-signature': createHmac('sha256', secret).update(body).digest('hex') };
const sentryWith = (client_secret: string) => ({
  unique_key: 'sentry',
  provider: 'sentry-oauth',
  credentials: { type: 'OAUTH2', client_id: 'id', client_secret },
});
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const post = (url: string, apiKey: string, path: string, json: unknown, method = 'POST') =>
  fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(json),
  });

test('what a provider sends to a Bowline that it reaches is judged by the local one as by that, past kill -9 of the former', async () => {
  const place = await makeHome();
  let remote = await startPlatform(place);
  stops.push(async () => {
    await remote.kill();
    dropHome(place);
  });
  const comes = (key: string, headers: Record<string, string> = {}) =>
    fetch(`${remote.url}/webhook/${remote.environmentUuid}/${key}`, { method: 'POST', headers, body });
  await post(remote.url, remote.apiKey, '/integrations', { unique_key: KEY, provider: KEY });
  await post(remote.url, remote.apiKey, '/integrations', sentryWith(secret));

  const folder = makeFolder({ [`${KEY}/syncs/a.ts`]: syncFile() });
  const dev = startDev(folder, ['--webhooks-from', remote.url, '-e', 'dev'], { BOWLINE_SECRET_KEY_DEV: remote.apiKey });
  const { url, apiKey } = await dev.next('its platform', ({ type }) => type === 'started');
  const webhook = () => dev.next('a webhook', ({ type }) => type === 'webhook');
  await dev.next('the stream', ({ state }) => state === 'listening');
  await dev.next('the deployment', ({ type }) => type === 'cycle');

  expect((await comes(KEY)).status).toBe(200);
  expect(await webhook()).toEqual({ type: 'webhook', id: '1', integration: KEY, status: 200, bytes: body.length });

  expect((await comes('sentry', signed)).status).toBe(200);
  expect(await webhook()).toMatchObject({ integration: 'sentry', status: 404, code: 'unknown_provider_config' });
  expect((await post(url, apiKey, '/integrations', sentryWith('another secret'))).status).toBe(200);
  await comes('sentry', signed);
  expect(await webhook()).toMatchObject({ status: 401, code: 'webhook_invalid_signature' });
  await post(url, apiKey, '/integrations/sentry', { credentials: sentryWith(secret).credentials }, 'PATCH');
  await comes('sentry', signed);
  expect(await webhook()).toMatchObject({ status: 200 });

  await remote.kill();
  await dev.next('the loss', ({ state }) => state === 'lost');
  remote = await startPlatform(place);
  // Whether it is back by then or not.
  await Promise.all([comes(KEY), comes(KEY)]);
  expect([await webhook(), await webhook()]).toMatchObject([
    { id: '5', status: 200 },
    { id: '6', status: 200 },
  ]);
  expect(dev.lines.filter(({ type }) => type === 'webhook').map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5', '6']);

  dev.child.kill('SIGINT');
  expect(await dev.exited).toBe(0);
});

test('a key that the other one does not take is told, and the rest goes on', async () => {
  const place = await makeHome();
  const remote = await startPlatform(place);
  stops.push(async () => {
    await remote.kill();
    dropHome(place);
  });
  const folder = makeFolder({ [`${KEY}/syncs/a.ts`]: syncFile() });
  const key = 'a2b8c1d0-0000-4000-8000-000000000000';
  const dev = startDev(folder, ['--webhooks-from', remote.url, '-e', 'dev'], { BOWLINE_SECRET_KEY_DEV: key });
  const seen = [await dev.next('one', isNews), await dev.next('the other', isNews)];
  expect(seen.find(({ type }) => type === 'webhooks')).toMatchObject({
    ok: false,
    message: expect.stringContaining('is not one of its keys'),
  });
  expect(seen.find(({ type }) => type === 'cycle')).toMatchObject({ ok: true, deployed: [{ name: 'a' }] });
});

const isNews = ({ type }: { type: string }): boolean => type === 'webhooks' || type === 'cycle';
