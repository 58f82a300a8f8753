/** The Connect UI in a real browser: opened as a link, and framed by a page of another origin with our package and with the published one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { titleOf } from './connect-catalogue.ts';
import { complaintsOf, eventsOf, GOOD_KEY, openFramed, openStage, type Stage } from './connect-stage.ts';
import { root, until } from './platform.ts';

let stage: Stage;
let context: BrowserContext;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());
beforeEach(async () => {
  context = await stage.browser.newContext({ locale: 'en-GB' });
});
afterEach(() => context.close());

const within = { timeout: 60_000 };
const button = (where: Page | FrameLocator, name: string) => where.getByRole('button', { name, exact: true });
const heading = (where: Page | FrameLocator, name: string) => where.getByRole('heading', { level: 1, name }).waitFor();
const connectionsOf = async (endUserId: string) => (await stage.platform.api.connections.list({ query: { endUserId } })).connections;
const told = (page: Page, type: string) =>
  until(`the page is told ${type}`, async () => (await eventsOf(page)).find((event) => event.type === type));

/** Answers how the popup goes on; the consent page has two links. */
async function consent(page: Page, where: Page | FrameLocator, answer: 'Allow' | 'Deny'): Promise<void> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), button(where, 'Connect').click()]);
  await popup.getByText(answer).click();
}

describe('as a link', () => {
  test('connects with nothing in the address but the token, which leaves it at once', within, async () => {
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    const { connect_link } = await stage.session({ end_user: { id: 'by-link' }, allowed_integrations: ['plain'] });
    expect([...new URL(connect_link).searchParams.keys()]).toEqual(['session_token']);
    await page.goto(connect_link);
    await heading(page, 'Connect Plain');
    expect(page.url()).toBe(`${stage.platform.url}/connect/`);
    await page.reload();
    await consent(page, page, 'Allow');
    await heading(page, 'Plain is connected');
    await page.getByText('You can close this tab').waitFor();
    expect(await connectionsOf('by-link')).toMatchObject([{ provider_config_key: 'plain' }]);
    expect([...asked]).toEqual([stage.platform.url]);
    expect(complaints).toEqual([]);
  });

  test('goes from what is picked to the next, and says what is connected', within, async () => {
    const page = await context.newPage();
    await page.goto((await stage.session({ allowed_integrations: ['nothing', 'checked-key'] })).connect_link);
    await button(page, titleOf('nothing')).click();
    await button(page, 'Connect').click();
    await heading(page, 'Nothing is connected');
    await button(page, 'Connect something else').click();
    await page.getByRole('button', { name: 'Nothing Connected' }).waitFor();
    expect(await button(page, 'Close').count()).toBe(0);
  });

  test('an address of another server is not followed', within, async () => {
    const page = await context.newPage();
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    const { connect_link } = await stage.session({ allowed_integrations: ['nothing'] });
    await page.goto(`${connect_link}&apiURL=${encodeURIComponent(stage.provider.url)}`);
    await heading(page, 'Connect Nothing');
    expect([...asked]).toEqual([stage.platform.url]);
  });

  test('a session that ends meanwhile is told where it matters', within, async () => {
    const page = await context.newPage();
    const { connect_link, token } = await stage.session({ allowed_integrations: ['checked-key'] });
    await page.goto(connect_link);
    await page.getByLabel('Access key', { exact: true }).fill(GOOD_KEY);
    await fetch(`${stage.platform.url}/connect/session`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    await button(page, 'Connect').click();
    await heading(page, 'This session has ended');
  });
});

describe.each(['ours', 'published'] as const)('framed with the package: %s', (which) => {
  test('the page is told ready, connect and close, and the frame goes', within, async () => {
    const { token } = await stage.session({ end_user: { id: `framed-${which}` }, allowed_integrations: ['plain'] });
    const { page, frame } = await openFramed(stage, context, { package: which, token });
    const complaints = complaintsOf(page);
    await consent(page, frame, 'Allow');
    await heading(frame, 'Plain is connected');
    await button(frame, 'Finish').click();
    await told(page, 'close');
    const [made] = await connectionsOf(`framed-${which}`);
    const payload = { providerConfigKey: 'plain', connectionId: made?.connection_id };
    expect(await eventsOf(page)).toMatchObject([{ type: 'ready' }, { type: 'connect', payload }, { type: 'close' }]);
    expect(await page.locator('iframe').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('a failed attempt is told once, and a further one may succeed', within, async () => {
    const { token } = await stage.session({ allowed_integrations: ['checked-key'] });
    const { page, frame } = await openFramed(stage, context, { package: which, token });
    const field = frame.getByLabel('Access key', { exact: true });
    await field.fill('wrong');
    await button(frame, 'Connect').click();
    await frame.getByRole('alert').getByText('These details were not accepted').waitFor();
    expect(await field.inputValue()).toBe('wrong');
    await field.fill(GOOD_KEY);
    await button(frame, 'Connect').click();
    await told(page, 'connect');
    const events = await eventsOf(page);
    expect(events.map(({ type }) => type)).toEqual(['ready', 'error', 'connect']);
    expect(events[1]?.payload).toMatchObject({ errorType: 'connection_test_failed', errorMessage: expect.stringMatching(/\S/) });
  });

  test('waits for a token that comes later, and for a new one when it ended', within, async () => {
    const { page, frame } = await openFramed(stage, context, { package: which });
    await frame.getByText('One moment').waitFor();
    const give = (token: string) => page.evaluate(`window.ui.setSessionToken(${JSON.stringify(token)})`);
    await give(`nango_connect_session_${'0'.repeat(64)}`);
    await heading(frame, 'This session has ended');
    await give((await stage.session({ allowed_integrations: ['nothing'] })).token);
    await heading(frame, 'Connect Nothing');
  });
});

describe('each way to fail is told once', () => {
  test.each([
    ['denied', 'plain', 'Deny', 'Access was not granted'],
    ['refused for what the developer set', 'broken', 'Allow', 'This could not be connected'],
  ] as const)('%s', within, async (_what, key, answer, words) => {
    const { page, frame } = await openFramed(stage, context, { token: (await stage.session({ allowed_integrations: [key] })).token });
    await consent(page, frame, answer);
    await frame.getByText(words).waitFor();
    expect((await eventsOf(page)).map(({ type }) => type)).toEqual(['ready', 'error']);
  });

  test('a window that was closed can be opened again; left off, it is told', within, async () => {
    const { page, frame } = await openFramed(stage, context, { token: (await stage.session({ allowed_integrations: ['plain'] })).token });
    const [first] = await Promise.all([page.waitForEvent('popup'), button(frame, 'Connect').click()]);
    await first.getByText('Allow').waitFor();
    await first.close();
    await frame.getByText('The window seems to be closed').waitFor();
    const [second] = await Promise.all([page.waitForEvent('popup'), button(frame, 'Open the window again').click()]);
    await second.getByText('Allow').waitFor();
    expect((await eventsOf(page)).map(({ type }) => type)).toEqual(['ready']);
    await button(frame, 'Cancel').click();
    await frame.getByText('The window was closed before access was granted').waitFor();
    expect(await eventsOf(page)).toMatchObject([{ type: 'ready' }, { type: 'error', payload: { errorType: 'window_closed' } }]);
  });

  test('a closed window ends the attempt where the page asks for that', within, async () => {
    const { token } = await stage.session({ allowed_integrations: ['plain'] });
    const { page, frame } = await openFramed(stage, context, { token, props: { detectClosedAuthWindow: true } });
    const [popup] = await Promise.all([page.waitForEvent('popup'), button(frame, 'Connect').click()]);
    await popup.getByText('Allow').waitFor();
    await popup.close();
    await page.bringToFront();
    await button(frame, 'Open the window again').focus(); // whoever closed it is back at the page
    await frame.getByText('The window was closed before access was granted').waitFor();
    expect(await eventsOf(page)).toMatchObject([{ type: 'ready' }, { type: 'error', payload: { errorType: 'window_closed' } }]);
  });

  test('a blocked window', within, async () => {
    await context.addInitScript('window.open = () => null');
    const { page, frame } = await openFramed(stage, context, { token: (await stage.session({ allowed_integrations: ['plain'] })).token });
    await button(frame, 'Connect').click();
    await frame.getByText('The browser blocked the window').waitFor();
    expect(await eventsOf(page)).toMatchObject([{ type: 'ready' }, { type: 'error', payload: { errorType: 'blocked_by_browser' } }]);
  });
});

describe('with the keyboard alone', () => {
  test('the focus begins at the heading and stays inside; Escape leaves', within, async () => {
    const { page, frame } = await openFramed(stage, context, {
      token: (await stage.session({ allowed_integrations: ['checked-key'] })).token,
    });
    await heading(frame, 'Connect Checked key');
    const inside = page.frames().find((one) => one.url().includes('/connect/'));
    const focused = () => inside?.evaluate<string>("document.activeElement.ariaLabel ?? document.activeElement.textContent ?? ''") ?? '';
    await until('the heading has the focus', async () => (await focused()) === 'Connect Checked key');
    const seen: string[] = [];
    for (let step = 0; step < 7; step++) {
      await page.keyboard.press('Tab');
      seen.push((await inside?.evaluate<string>('document.activeElement.tagName + (document.activeElement.type ?? "")')) ?? '');
    }
    expect(seen).toEqual(['A', 'INPUTpassword', 'BUTTONbutton', 'A', 'BUTTONsubmit', 'BUTTONbutton', 'A']);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('IFRAME');
    // The frame goes with the key, and Chromium then may never say that the key was handled.
    page.keyboard.press('Escape').catch(() => {});
    await told(page, 'close');
  });

  test('who has typed something is asked before it is lost', within, async () => {
    const { page, frame } = await openFramed(stage, context, {
      token: (await stage.session({ allowed_integrations: ['checked-key'] })).token,
    });
    const field = frame.getByLabel('Access key', { exact: true });
    await field.fill('x');
    await page.keyboard.press('Escape');
    await frame.getByRole('alertdialog', { name: 'Leave without connecting?' }).waitFor();
    await page.keyboard.press('Escape');
    await frame.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await field.inputValue()).toBe('x');
    await page.mouse.click(5, 5); // beside the card
    await button(frame, 'Leave').click();
    await told(page, 'close');
    expect((await eventsOf(page)).map(({ type }) => type)).toEqual(['ready', 'close']);
  });

  test('an error is tied to its field, which gets the focus', within, async () => {
    const page = await context.newPage();
    await page.goto((await stage.session({ allowed_integrations: ['sign'] })).connect_link);
    const field = page.getByLabel('Subdomain');
    await field.fill('NOT RIGHT');
    await field.press('Enter');
    await page.getByText('Subdomain does not look right').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    const ids = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
    expect(await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()))).toEqual([
      expect.stringContaining('acme'),
      'What comes before the rest of your address.',
    ]);
    await until('it has the focus', () => field.evaluate((input) => input === input.ownerDocument.activeElement));
  });
});

describe('how it is served', () => {
  test('any page may frame it, nothing else is loose, and only the page has that policy', async () => {
    const page = await fetch(`${stage.platform.url}/connect/`);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain('frame-ancestors *');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe/);
    expect(page.headers.get('x-frame-options')).toBeNull();
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const dashboard = await fetch(`${stage.platform.url}/`, { headers: { accept: 'text/html' } });
    expect(dashboard.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    expect(dashboard.headers.get('x-frame-options')).toBe('SAMEORIGIN');
  });

  test('the address without a slash leads there with its query', async () => {
    const answer = await fetch(`${stage.platform.url}/connect?session_token=x&lang=de`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/connect/?session_token=x&lang=de']);
  });

  test('what a visitor loads of JavaScript stays below 100 KB', () => {
    const folder = join(root, 'apps/connect/dist/assets');
    const sizes = readdirSync(folder)
      .filter((file) => file.endsWith('.js'))
      .map((file) => gzipSync(readFileSync(join(folder, file))).length)
      .toSorted((a, b) => b - a);
    const [main = 0, language = 0] = sizes; // one of the languages, at most
    expect(main + language).toBeLessThan(100_000);
  });
});
