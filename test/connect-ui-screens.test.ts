/**
 * Every screen of the Connect UI, light and dark, on a desk and on a phone: axe finds nothing, and nothing is wider than the screen.
 * `SHOTS=/tmp/shots npx vitest run test/connect-ui-screens.test.ts` keeps a picture of each.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { titleOf } from './connect-catalogue.ts';
import { GOOD_KEY, openFramed, openStage, type Stage } from './connect-stage.ts';
import { until } from './platform.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.SHOTS;
const widths = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
}, 120_000);
afterAll(() => stage?.close());

type Show = (page: Page) => Promise<unknown>;
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function link(page: Page, allowed: string[] = [], more: object = {}): Promise<string> {
  const { connect_link, token } = await stage.session({ allowed_integrations: allowed, ...more });
  await page.goto(connect_link);
  return token;
}

const screens: Record<string, Show> = {
  opening: async (page) => {
    await page.route('**/connect/session', () => {}); // never answered
    await link(page);
    await page.getByText('One moment').waitFor();
  },
  incomplete: async (page) => {
    await page.goto(`${stage.platform.url}/connect/`);
    await heading(page, 'This link is not complete');
  },
  expired: async (page) => {
    const { connect_link, token } = await stage.session();
    await fetch(`${stage.platform.url}/connect/session`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    await page.goto(connect_link);
    await heading(page, 'This session has ended');
  },
  unreachable: async (page) => {
    await page.route('**/connect/session', (route) => route.abort());
    await link(page);
    await heading(page, 'This page could not be loaded');
  },
  'nothing to connect': async (page) => {
    const { integrations } = stage.platform.api;
    await integrations.create({ query: {}, body: { provider: 'nothing', unique_key: 'short-lived' } });
    const { connect_link } = await stage.session({ allowed_integrations: ['short-lived'] });
    await integrations.remove({ params: { uniqueKey: 'short-lived' }, query: {} });
    await page.goto(connect_link);
    await heading(page, 'There is nothing to connect');
  },
  'pick of few': async (page) => {
    await link(page, ['plain', 'checked-key', 'two-steps']);
    await heading(page, 'Connect your account');
    await button(page, titleOf('plain')).waitFor();
  },
  'pick of many, searched': async (page) => {
    await link(page);
    await page.getByLabel('Search').fill('service');
    await page.getByText('2 found').waitFor();
  },
  'pick of many, not found': async (page) => {
    await link(page);
    await page.getByLabel('Search').fill('zzz');
    await page.getByText('Nothing has this name').waitFor();
  },
  'form, API key': (page) => form(page, 'checked-key'),
  'form, nothing entered': async (page) => {
    await form(page, 'sign');
    await button(page, 'Connect').click();
    await page.getByText('Subdomain is needed').waitFor();
  },
  'form, refused by the provider': async (page) => {
    await form(page, 'checked-key');
    await page.getByLabel('Access key', { exact: true }).fill('wrong');
    await button(page, 'Connect').click();
    await page.getByRole('alert').getByText('These details were not accepted').waitFor();
  },
  'form, certificate': (page) => form(page, 'service-certificate'),
  'form, tokens': (page) => form(page, 'tokens'),
  'form, JWT': (page) => form(page, 'signed-token'),
  'form, two steps': (page) => form(page, 'two-steps'),
  'form, Bill': (page) => form(page, 'bill-like'),
  'form, AWS role': (page) => form(page, 'cloud-role'),
  'form, MCP': (page) => form(page, 'any-mcp'),
  'form, outbound installation': (page) => form(page, 'installed'),
  pending: async (page) => {
    await form(page, 'installed');
    await page.getByLabel('Your number there').fill('1234567');
    await button(page, 'Connect').click();
    await heading(page, 'Installed has to approve this');
  },
  'form, nothing to enter': (page) => form(page, 'nothing'),
  'form, wrong preset': async (page) => {
    await link(page, ['sign'], { integrations_config_defaults: { sign: { connection_config: { subdomain: 'NOT RIGHT' } } } });
    await page.getByRole('alert').waitFor();
  },
  'popup announced': (page) => form(page, 'plain'),
  waiting: async (page) => {
    await consent(page);
  },
  'waiting, window gone': async (page) => {
    await (await consent(page)).close();
    await page.getByText('The window seems to be closed').waitFor();
  },
  'popup blocked': async (page) => {
    await page.addInitScript('window.open = () => null');
    await form(page, 'plain');
    await button(page, 'Connect').click();
    await page.getByRole('alert').getByText('The browser blocked the window').waitFor();
  },
  denied: async (page) => {
    const popup = await consent(page);
    await popup.getByText('Deny').click();
    await page.getByRole('alert').getByText('Access was not granted').waitFor();
  },
  misconfigured: async (page) => {
    const popup = await consent(page, 'broken');
    await popup.getByText('Allow').click();
    await heading(page, 'This could not be connected');
    await page.getByText('Details', { exact: true }).click();
  },
  done: async (page) => {
    const popup = await consent(page);
    await popup.getByText('Allow').click();
    await heading(page, 'Plain is connected');
  },
  reconnect: async (page) => {
    const connectionId = await imported();
    const body = { connection_id: connectionId, integration_id: 'checked-key', end_user: { id: 'ada', display_name: 'Ada Lovelace' } };
    const { data } = await stage.platform.api.connect.reconnectSession({ query: {}, body });
    await page.goto(data.connect_link);
    await heading(page, 'Reconnect Checked key');
  },
};

test.each(Object.entries(screens))('%s', { timeout: 40_000 }, async (name, show) => {
  const page = await (await stage.browser.newContext({ locale: 'en-GB' })).newPage();
  await show(page);
  await everyWay(page, name);
  await page.context().close();
});

test('in a frame, with something typed, on the way out', { timeout: 40_000 }, async () => {
  const context = await stage.browser.newContext({ locale: 'en-GB' });
  const { token } = await stage.session({ allowed_integrations: ['checked-key'] });
  const { page, frame } = await openFramed(stage, context, { token });
  await frame.getByLabel('Access key', { exact: true }).fill('x');
  await everyWay(page, 'framed');
  await frame.getByRole('button', { name: 'Close' }).click();
  await frame.getByRole('alertdialog').waitFor();
  await everyWay(page, 'leaving');
  await context.close();
});

async function everyWay(page: Page, name: string): Promise<void> {
  for (const [width, size] of Object.entries(widths)) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const frame = page.frames().find((one) => one.url().includes('/connect/')) ?? page.mainFrame();
      await until('the scheme is shown', () => frame.evaluate<boolean>(`document.documentElement.dataset.theme === '${colorScheme}'`));
      // Colours change over some milliseconds, also where people asked for less motion.
      await frame.evaluate(
        'for (const one of document.getAnimations()) if (Number.isFinite(one.effect.getComputedTiming().endTime)) one.finish()',
      );
      await frame.evaluate(axe);
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name.replaceAll(/\W+/g, '-')}-${width}-${colorScheme}.png` });
      const { violations } = await frame.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
      expect([name, width, colorScheme, ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)]).toEqual(
        [name, width, colorScheme],
      );
      expect(await frame.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  }
}

async function form(page: Page, name: string): Promise<void> {
  await link(page, [name]);
  await heading(page, `Connect ${titleOf(name)}`);
  await button(page, 'Connect').waitFor();
}

async function consent(page: Page, name = 'plain'): Promise<Page> {
  await form(page, name);
  const [popup] = await Promise.all([page.waitForEvent('popup'), button(page, 'Connect').click()]);
  await popup.getByText('Allow').waitFor();
  await heading(page, `Waiting for ${titleOf(name)}`);
  return popup;
}

async function imported(): Promise<string> {
  const body = { provider_config_key: 'checked-key', connection_id: 'old', credentials: { type: 'API_KEY' as const, apiKey: GOOD_KEY } };
  await stage.platform.api.connections.import({ query: {}, body });
  return 'old';
}
