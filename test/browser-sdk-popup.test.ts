/** Connecting in a popup, in a real browser and at a real OAuth server: with our client, and with the published one as it is. */
import type { Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { consent, deny, type Outcome, openStage, openVisit, realFocus, type Stage } from './browser-stage.ts';

let stage: Stage;
let visit: Awaited<ReturnType<typeof openVisit>>;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());
beforeEach(async () => {
  stage.oauth.isolated = false;
  visit = await openVisit(stage);
});
afterEach(() => visit.close());

async function made({ result, error }: Outcome = {}): Promise<void> {
  expect(error).toBeUndefined();
  expect(await stage.connections()).toContain(result?.connectionId);
}

describe.each(['Bowline', 'Published'] as const)('%s', (client) => {
  test('resolves when the person consented', async () => {
    await visit.button({ client });
    await consent(await visit.click());
    const [outcome] = await visit.outcomes();
    await made(outcome);
    expect(outcome?.result).toMatchObject({ providerConfigKey: 'oidc', ...(client === 'Bowline' ? { ok: true, isPending: false } : {}) });
  });

  test('rejects when the person denied', async () => {
    await visit.button({ client });
    await deny(await visit.click());
    const [{ error } = {}] = await visit.outcomes();
    expect(error).toMatchObject({ type: 'callback_err', message: expect.stringContaining('access_denied') });
  });

  test('resolves when the provider isolates its pages, so that the opener is lost', async () => {
    stage.oauth.isolated = true;
    await realFocus(visit.context, visit.page);
    await visit.button({ client });
    await consent(await visit.click());
    await made((await visit.outcomes())[0]);
  });

  test('rejects when the person closed the window early', async () => {
    await visit.button({ client, options: { detectClosedAuthWindow: true } });
    const popup = await visit.click();
    await popup.locator('input[name=login]').waitFor();
    await popup.close();
    expect((await visit.outcomes())[0]?.error).toMatchObject({ type: 'window_closed' });
  });

  test('rejects when the browser opens no window', async () => {
    await visit.page.goto(`${stage.app.url}/sandbox`);
    const frame = visit.page.frames()[1] as Frame; // the page has one
    await visit.button({ client, at: frame });
    await frame.locator('button').click();
    expect((await visit.outcomes(1, frame))[0]?.error).toMatchObject({ type: 'blocked_by_browser' });
  });

  test('rejects when the session has ended', async () => {
    const token = await stage.session();
    await fetch(`${stage.platform.url}/connect/session`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    await visit.button({ client, token });
    await visit.click();
    expect((await visit.outcomes())[0]?.error).toMatchObject({ type: 'unknown_connect_session_token' });
  });

  test('clicked twice makes one connection', async () => {
    const before = (await stage.connections()).length;
    await visit.button({ client });
    const first = await visit.click();
    const [second] = await Promise.all([visit.click(), first.waitForEvent('close')]);
    await consent(second);
    const list = await visit.outcomes(client === 'Bowline' ? 2 : 1);
    await made(list.find(({ result }) => result));
    expect(await stage.connections()).toHaveLength(before + 1);
    if (client === 'Bowline') expect(list.find(({ error }) => error)?.error).toMatchObject({ type: 'cancelled' });
  });

  test('works in a frame of another site', async () => {
    await visit.page.goto(`${stage.app.url.replace('127.0.0.1', 'localhost')}/frame`);
    const frame = visit.page.frames()[1] as Frame; // the page has one
    await visit.button({ client, at: frame });
    await consent(await visit.click(frame));
    await made((await visit.outcomes(1, frame))[0]);
  });

  test('a callback is used once: the same address again makes nothing', async () => {
    await visit.button({ client });
    await consent(await visit.click());
    await visit.outcomes();
    const callback = visit.addresses.find((address) => address.includes('/oauth/callback')) ?? '';
    const before = await stage.connections();
    const again = await visit.context.newPage();
    expect((await again.goto(callback))?.status()).toBe(400);
    expect(await stage.connections()).toEqual(before);
  });

  test('a callback with another state makes nothing', async () => {
    const before = await stage.connections();
    await visit.button({ client, options: { detectClosedAuthWindow: true } });
    const popup = await visit.click();
    await popup.locator('input[name=login]').waitFor();
    const answer = await popup.goto(`${stage.platform.url}/oauth/callback?code=stolen&state=${'0'.repeat(64)}`);
    expect(answer?.status()).toBe(400);
    await popup.close();
    expect((await visit.outcomes())[0]?.error).toBeDefined();
    expect(await stage.connections()).toEqual(before);
  });
});
