/** Connecting in a popup, in a real browser and at a real OAuth server: with our client, and with the published one as it is. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { consent, deny, openStage, realFocus, type Stage } from './browser-stage.ts';

let stage: Stage;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());
beforeEach(async () => {
  stage.oauth.isolated = false;
  context = await stage.browser.newContext();
  page = await context.newPage();
  await page.goto(stage.app.url);
});
afterEach(() => context.close());

type Client = 'Bowline' | 'Published';
type Outcome = { result?: Record<string, unknown>; error?: { type: string; message: string } };

/** The app's button: each click connects. */
async function button(client: Client, token: string, options: object = {}): Promise<void> {
  const setting = { client, config: { host: stage.platform.url, connectSessionToken: token }, options };
  await page.evaluate(`onClick(${JSON.stringify(setting)})`);
}

async function outcomes(count = 1): Promise<Outcome[]> {
  await page.waitForFunction(`outcomes.length >= ${count}`);
  return page.evaluate('outcomes');
}

async function click(): Promise<Page> {
  const [popup] = await Promise.all([context.waitForEvent('page'), page.locator('button').click()]);
  return popup;
}

describe.each(['Bowline', 'Published'] as const)('%s', (client) => {
  test('resolves when the person consented', async () => {
    await button(client, await stage.session());
    const popup = await click();
    await consent(popup);
    const [{ result, error } = {}] = await outcomes();
    expect(error).toBeUndefined();
    expect(await stage.connections()).toContain(result?.connectionId);
  });

  test('rejects when the person denied', async () => {
    await button(client, await stage.session());
    await deny(await click());
    const [{ error } = {}] = await outcomes();
    expect(error).toMatchObject({ type: 'callback_err', message: expect.stringContaining('access_denied') });
  });

  test('resolves when the provider isolates its pages, so that the opener is lost', async () => {
    stage.oauth.isolated = true;
    await realFocus(context, page);
    await button(client, await stage.session());
    const popup = await click();
    await consent(popup);
    const [{ result } = {}] = await outcomes();
    expect(await stage.connections()).toContain(result?.connectionId);
  });
});
