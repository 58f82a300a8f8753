/** The API reference of the built server, in a real browser: all of the contract, from this server alone, without a complaint. */
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropHome, makeHome, type Platform, startPlatform } from './platform.ts';

let place: { home: string; port: number };
let platform: Platform;
let browser: Browser;

beforeAll(async () => {
  place = await makeHome();
  [browser, platform] = await Promise.all([
    chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }),
    startPlatform(place),
  ]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
  dropHome(place);
});

/** Of so many operations the viewer has only those near what is seen in the page. @returns false at its end */
const scrollOn = (page: Page): Promise<boolean> =>
  page.evaluate(`new Promise((resolve) => {
    const before = scrollY;
    scrollBy({ top: innerHeight / 2, behavior: 'instant' });
    setTimeout(() => resolve(scrollY > before), 50);
  })`);

async function everyOperation(page: Page): Promise<Set<string>> {
  const seen = new Set<string>();
  do for (const id of await page.locator('.opblock').evaluateAll((blocks) => blocks.map((block) => block.id))) seen.add(id);
  while (await scrollOn(page));
  return seen;
}

async function reveal(page: Page, text: string): Promise<Locator> {
  const found = page.getByText(text);
  await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })");
  await page.locator('.opblock').first().waitFor();
  while ((await found.count()) === 0 && (await scrollOn(page)));
  return found;
}

describe.each([
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 390 },
] as const)('in $colorScheme, $width px wide', ({ colorScheme, width }) => {
  test('shows every operation, opens one, asks nobody else, and says nothing on the console', async () => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(platform.url) && !url.startsWith('data:')) complaints.push(`asks ${url}`);
    });
    await page.goto(`${platform.url}/reference`);
    await page.locator('.opblock').first().waitFor();
    const { paths } = (await (await platform.fetch('/openapi.json')).json()) as { paths: Record<string, object> }; // counted below
    const operations = Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
    expect((await everyOperation(page)).size).toBe(operations);

    await (await reveal(page, 'Configure a provider in the environment')).click();
    await page.getByText('invalid_body').first().waitFor();
    expect(await page.locator('.opblock.is-open').textContent()).toMatch(/"provider": *"github"/);
    await page.locator('.opblock.is-open').getByText('Schema').first().click();
    await page.getByText('The provider, by its name in the catalogue.').waitFor();
    expect(await page.locator('.opblock.is-open').textContent()).toContain('Bearer <API key>');
    expect(await page.evaluate("document.documentElement.classList.contains('dark-mode')")).toBe(colorScheme === 'dark');
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

test('calls the server with a key that is typed in, and keeps it nowhere', async () => {
  const page = await browser.newPage();
  await page.goto(`${platform.url}/reference`);
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  await page.locator('.auth-container input').first().fill(platform.apiKey);
  await page.locator('.auth-container .authorize').first().click();
  await page.locator('.btn-done').first().click();
  await (await reveal(page, 'List the integrations of the environment')).click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/integrations')),
    page.getByRole('button', { name: 'Execute', exact: true }).click(),
  ]);
  expect(answer.status()).toBe(200);
  const kept = await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie');
  expect(kept).not.toContain(platform.apiKey);
  await page.close();
});

test('its page has a strict policy and gives no other file of the package', async () => {
  const page = await platform.fetch('/reference');
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'; /);
  expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe-eval|\*/);
  for (const path of ['/reference/index.html', '/reference/package.json', '/reference/../package.json'])
    expect((await platform.fetch(path)).status).toBe(404);
});

test('below the folders of pages, an address that can name no file is not found, and no failure of ours', async () => {
  for (const folder of ['/assets/', '/connect/', '/reference/'])
    for (const rest of ['/index.js', '%00', '..%2f..%2fpackage.json'])
      expect((await platform.fetch(folder + rest)).status, folder + rest).toBe(404);
});
