/** An environment's own providers in the dashboard: written from a start, checked line by line, used, and deleted once nothing uses them. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { starters } from '../apps/dashboard/src/pages/provider/starters.ts';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';

const within = { timeout: 120_000 };
let stage: DashboardStage;
beforeAll(async () => {
  stage = await openDashboard();
}, 120_000);
afterAll(() => stage?.close());

const editor = (page: Page) => page.getByLabel('Definition in YAML');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const kept = async (name: string) => {
  const { data } = (await (await stage.platform.fetch(`/providers/${name}/source`)).json()) as { data?: { yaml: string } };
  return data?.yaml;
};
const post = async (path: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await stage.platform.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
};

test('every start passes as it is, and checking stores nothing', within, async () => {
  const { page, complaints } = await stage.open('/dev/new-provider');
  await page.getByLabel('Name', { exact: true }).fill('just-checked');
  for (const { title, yaml } of starters) {
    await page.getByRole('button', { name: new RegExp(`^${title}`) }).click();
    expect(await editor(page).inputValue()).toBe(yaml);
    await button(page, 'Check').click();
    await page.getByText('Nothing is wrong with it.').waitFor();
  }
  expect(await kept('just-checked')).toBeUndefined();
  expect(complaints).toEqual([]);
  await page.close();
});

test('what is wrong is shown at its line, which a click leads to; a name that cannot be is refused beside its field', within, async () => {
  const { page } = await stage.open('/dev/new-provider');
  await page.getByLabel('Name', { exact: true }).fill('Not a name');
  await page.getByText('Use lower-case letters').waitFor();
  expect(await button(page, 'Check').isDisabled()).toBe(true);
  await page.getByLabel('Name', { exact: true }).fill('wrong');
  const yaml = await editor(page).inputValue();
  const line = yaml.split('\n').findIndex((text) => text.startsWith('token_url')) + 1;
  await editor(page).fill(yaml.replace('token_url:', 'tokken_url:'));
  await button(page, 'Check').click();
  const finding = page.getByRole('alert').getByRole('button').filter({ hasText: 'tokken_url' });
  expect(await finding.textContent()).toContain(`Line ${line}`);
  await everyWay(page, 'findings in a definition');
  await finding.click();
  const before = await page.evaluate<string>('document.activeElement.value.slice(0, document.activeElement.selectionStart)');
  expect(before.split('\n')).toHaveLength(line);
  await editor(page).fill(yaml);
  expect(await page.getByRole('alert').count()).toBe(0);
  await page.close();
});

test('a provider is added, found among all, changed while it is used, and deleted once nothing uses it', within, async () => {
  const { page, complaints } = await stage.open('/dev/providers');
  await page.getByText('No provider of your own yet').waitFor();
  await everyWay(page, 'no own providers');
  await page.getByRole('link', { name: 'New provider' }).click();
  await page.getByRole('button', { name: /^API key/ }).click();
  await page.getByLabel('Name', { exact: true }).fill('acme-erp');
  await editor(page).fill((await editor(page).inputValue()).replace('display_name: Acme', 'display_name: Acme ERP'));
  await button(page, 'Add provider').click();
  await page.waitForURL(/\/dev\/providers\/acme-erp$/);
  await page.getByRole('heading', { name: 'Acme ERP', level: 1 }).waitFor();
  expect(await kept('acme-erp')).toContain('display_name: Acme ERP');
  await page.getByText('Nothing to register: whoever connects enters an API key').waitFor(); // its guide
  await everyWay(page, 'an own provider');

  await page.goto(`${stage.platform.url}/dev/integrations`);
  await page.getByRole('button', { name: 'Add integration' }).first().click();
  await page.getByRole('combobox', { name: 'Search providers' }).fill('acme e');
  await page.getByRole('listbox').getByRole('option').filter({ hasText: 'Acme ERP' }).filter({ hasText: 'Own' }).waitFor();
  await post('/integrations', { provider: 'acme-erp', unique_key: 'our-erp' });

  await page.goto(`${stage.platform.url}/dev/providers`);
  await page.getByRole('link', { name: 'Acme ERP' }).click();
  await editor(page).fill((await editor(page).inputValue()).replace('api.example.com', 'api.acme.example'));
  await page.getByText('You have changes that are not saved.').waitFor();
  await button(page, 'Check').click();
  await page.getByText('changes these integrations at once: our-erp').waitFor();
  await button(page, 'Save').click();
  await page.getByText('The definition was saved').waitFor();
  expect(await kept('acme-erp')).toContain('api.acme.example');

  const remove = async () => {
    await button(page, 'Delete provider').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete provider' }).click();
  };
  await remove();
  await page.getByRole('alert').filter({ hasText: 'our-erp' }).waitFor(); // why not
  await stage.platform.fetch('/integrations/our-erp', { method: 'DELETE' });
  await remove();
  await page.waitForURL(/\/dev\/providers$/);
  await page.getByText('No provider of your own yet').waitFor();
  expect(await kept('acme-erp')).toBeUndefined();
  expect(complaints).toEqual([]);
  await page.close();
});
