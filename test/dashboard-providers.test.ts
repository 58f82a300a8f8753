/** Choosing one of hundreds of providers in the dashboard, and the guide to it. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';

/** Beside those of the catalogue. */
const MORE = 500;
/** What fits into the list, and a few beyond either edge. */
const ROWS_MAX = 24;
const within = { timeout: 120_000 };
let stage: DashboardStage;

beforeAll(async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'many-providers-')), 'more');
  mkdirSync(folder);
  for (let number = 0; number < MORE; number++) {
    const name = `acme-${String(number).padStart(3, '0')}`;
    writeFileSync(
      join(folder, `${name}.yaml`),
      `display_name: Acme ${number}\ncategories: [${number % 2 ? 'crm' : 'other'}]\nauth_mode: ${number % 5 ? 'NONE' : 'BASIC'}\ndocs: https://acme.test\nproxy: { base_url: https://acme.test }\n`,
    );
  }
  stage = await openDashboard([folder]);
}, 120_000);
afterAll(() => stage?.close());

const picker = (page: Page) => ({
  search: page.getByRole('combobox', { name: 'Search providers' }),
  options: page.getByRole('listbox', { name: 'Providers' }).getByRole('option'),
  count: page.getByRole('dialog').getByRole('status'),
});

async function choosing() {
  const opened = await stage.open('/dev/integrations');
  await opened.page.getByRole('button', { name: 'Add integration' }).first().click();
  const parts = picker(opened.page);
  await parts.options.first().waitFor();
  return { ...opened, ...parts };
}

test('of hundreds of providers those in sight are rendered and no others, at each keystroke', within, async () => {
  const { page, search, options, count, complaints } = await choosing();
  expect(Number(/\d+/.exec((await count.textContent()) ?? '')?.[0])).toBeGreaterThan(MORE);
  expect(await options.count()).toBeLessThanOrEqual(ROWS_MAX);
  await page.evaluate(`
    window.rendered = 0;
    const rows = (node) => node instanceof Element ? node.matches('[role=option]') + node.querySelectorAll('[role=option]').length : 0;
    new MutationObserver((all) => { for (const { addedNodes } of all) for (const node of addedNodes) window.rendered += rows(node); })
      .observe(document.body, { childList: true, subtree: true });`);
  for (const letter of 'acme') {
    await page.evaluate('window.rendered = 0');
    await search.press(letter);
    expect(await search.inputValue()).toContain(letter);
    // Whatever is rendered at once and in the effects after it.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await page.evaluate<number>('window.rendered')).toBeLessThanOrEqual(ROWS_MAX);
    expect(await options.count()).toBeLessThanOrEqual(ROWS_MAX);
  }
  await expect.poll(() => count.textContent()).toMatch(new RegExp(`^${MORE} of`));
  await page.getByRole('listbox', { name: 'Providers' }).hover();
  await page.mouse.wheel(0, 1_000_000);
  await options.filter({ hasText: `Acme ${MORE - 1}` }).waitFor();
  expect(await options.count()).toBeLessThanOrEqual(ROWS_MAX);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a misspelt name, the arrow keys and Enter lead to its form; only then is a definition read, and only its own', within, async () => {
  const opened = await stage.open('/dev/integrations');
  const { page } = opened;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.getByRole('button', { name: 'Add integration' }).first().click();
  const { search, options } = picker(page);
  await search.fill('githb');
  await options.filter({ hasText: 'GitHub App' }).first().waitFor();
  await search.press('ArrowDown');
  await search.press('ArrowDown');
  await search.press('ArrowUp');
  const active = await search.getAttribute('aria-activedescendant');
  expect(await page.locator(`[id="${active}"]`).getAttribute('aria-posinset')).toBe('2');
  await search.press('ArrowUp');
  expect(asked.filter((path) => path.startsWith('/providers'))).toEqual([]);
  await search.press('Enter');
  await page.getByRole('heading', { name: 'Add GitHub', exact: true }).waitFor();
  await page.getByLabel('Client ID').waitFor();
  expect(asked.filter((path) => path.startsWith('/providers'))).toEqual(['/providers/github']);
  await page.close();
});

test('the list is narrowed by category and by auth kind, and says how many are left', within, async () => {
  const { page, search, options, count } = await choosing();
  await search.fill('acme');
  await page.getByLabel('Category').selectOption('crm');
  await expect.poll(() => count.textContent()).toMatch(new RegExp(`^${MORE / 2} of`));
  await page.getByLabel('Auth kind').selectOption('API key or password');
  await expect.poll(() => count.textContent()).toMatch(new RegExp(`^${MORE / 10} of`));
  expect(await options.first().textContent()).toContain('Acme 5');
  await search.fill('nothing is called so');
  await page.getByText('No provider matches').waitFor();
  await page.close();
});

test("beside the form the guide names this server's addresses, to copy, and follows the integration's key", within, async () => {
  const { page, search, complaints } = await choosing();
  await search.fill('github app with');
  await search.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Copy callback URL' }).click();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${stage.platform.url}/oauth/callback`);
  await dialog.getByLabel('Integration key').fill('our-github');
  const webhook = dialog.getByText(/\/webhook\/[0-9a-f-]{36}\/our-github$/);
  await webhook.first().waitFor();
  const guide = dialog.getByRole('complementary', { name: 'Guide to GitHub App with sign-in' });
  await guide.getByText('Requests', { exact: true }).click();
  await guide.getByText(`curl '${stage.platform.url}/proxy/`).waitFor();
  await everyWay(page, 'create with its guide');
  expect(complaints).toEqual([]);
  await page.close();
});

test("an integration's page has the guide on a tab of its own", within, async () => {
  await stage.platform.fetch('/integrations', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider: 'airtable-pat', unique_key: 'bases' }),
  });
  const { page, complaints } = await stage.open('/dev/integrations/bases');
  await page.getByRole('tab', { name: 'Guide' }).click();
  await page.getByText('Provider-Config-Key: bases').waitFor();
  await page.getByText('Personal access token', { exact: true }).waitFor();
  await everyWay(page, 'guide of an integration');
  expect(complaints).toEqual([]);
  await page.close();
});

test('the list reads well for everybody, light and dark, on a desk and on a phone', within, async () => {
  const { page, search, options } = await choosing();
  await search.fill('sandbox');
  await options.filter({ hasText: 'Test environment' }).first().waitFor();
  await everyWay(page, 'choosing a provider');
  await page.close();
});
