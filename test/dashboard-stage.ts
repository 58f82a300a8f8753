/** What tests of the dashboard's pages stand on: a platform without the demo, a browser, a signed-in page, and how a page is looked at in every way. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { Client } from 'pg';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { dropHome, makeHome, type Platform, startPlatform, until } from './platform.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Where pictures of what is looked at go, for people. */
const SHOTS = process.env.DASHBOARD_SHOTS;
const widths = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

export type DashboardStage = {
  readonly platform: Platform;
  readonly browser: Browser;
  /** A page of a member who is signed in, and what went wrong on it so far. */
  open(path: string): Promise<{ page: Page; complaints: string[] }>;
  /** What no test can wait for or bring about, such as a turn that came days ago. */
  inDatabase(statement: string): Promise<void>;
  close(): Promise<void>;
};

/**
 * @param providers files or folders of further providers
 * @param allow hosts that may be reached although they are private
 */
export async function openDashboard(providers: readonly string[] = [], allow: readonly string[] = []): Promise<DashboardStage> {
  const place = await makeHome();
  const [platform, browser] = await Promise.all([
    startPlatform({ ...place, providers: [...providers], allow: [...allow] }),
    chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }),
  ]);
  const context = await browser.newContext({
    viewport: widths.desk,
    permissions: ['clipboard-read', 'clipboard-write'],
    reducedMotion: 'reduce',
  });
  const first = await context.newPage();
  await first.goto(platform.url);
  await first.getByLabel('E-mail').fill(platform.admin.email);
  await first.getByLabel('Password', { exact: true }).fill(platform.admin.password ?? '');
  await first.getByRole('button', { name: 'Sign in' }).click();
  await first.waitForURL((url) => url.pathname !== '/signin');
  await first.close();
  return {
    platform,
    browser,
    open: async (path) => {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('response', (response) => {
        if (response.url().startsWith(platform.url) && response.status() >= 500) complaints.push(`${response.status()} ${response.url()}`);
      });
      await page.goto(platform.url + path);
      return { page, complaints };
    },
    inDatabase: async (statement) => {
      const client = new Client({ host: join(platform.home, 'postgres/run'), user: 'bowline', database: 'bowline' });
      await client.connect();
      await client.query(statement);
      await client.end();
    },
    close: async () => {
      await browser.close();
      await platform.stop();
      dropHome(place);
    },
  };
}

/** Colours that fade into another scheme are no colours to measure. Ended once, they start again in those that inherit them. */
const finishAll = `(() => {
  const running = () => document.getAnimations().filter((one) => one.playState === 'running' && Number.isFinite(one.effect.getComputedTiming().endTime));
  for (let turn = 0, all = running(); all.length > 0 && turn < 20; turn++, all = running()) for (const one of all) one.finish();
})()`;

/**
 * Light and dark, on a desk and on a phone: axe finds nothing, and nothing is wider than the screen.
 * @param part what the picture is to show, on a page that is longer than the screen
 */
export async function everyWay(page: Page, name: string, part?: Locator): Promise<void> {
  await page.evaluate(axe);
  for (const [width, size] of Object.entries(widths)) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await until('the scheme is shown', () => page.evaluate<boolean>(`document.documentElement.dataset.theme === '${colorScheme}'`));
      await page.evaluate(finishAll);
      await part?.scrollIntoViewIfNeeded();
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name.replaceAll(/\W+/g, '-')}-${width}-${colorScheme}.png` });
      const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
      expect([name, width, colorScheme, ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)]).toEqual(
        [name, width, colorScheme],
      );
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  }
  await page.setViewportSize(widths.desk);
}
