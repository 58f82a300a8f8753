/** The languages and the look of the Connect UI: asked for, of the browser, stored by members, and shown in the dashboard while it is edited. */
import { defaultAppearance } from '@bowline/api/appearance';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf, openFramed, openStage, type Stage } from './connect-stage.ts';
import { until } from './platform.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage?.close());

const within = { timeout: 60_000 };
const open = async (options: object, more = ''): Promise<Page> => {
  const page = await (await stage.browser.newContext(options)).newPage();
  const { connect_link } = await stage.session({ allowed_integrations: ['checked-key'] });
  await page.goto(connect_link + more);
  await page.getByRole('heading', { level: 1, name: 'Checked key' }).waitFor();
  return page;
};
const styleOf = (where: Page | Frame, name: string) =>
  where.evaluate<string>(`getComputedStyle(document.documentElement).getPropertyValue('${name}').trim()`);
const themeOf = (where: Page | Frame) => where.evaluate<string>('document.documentElement.dataset.theme');

describe('the language', () => {
  test.each([
    ['en', 'Connect Checked key', 'Connect', 'Access key is needed'],
    ['de', 'Checked key verbinden', 'Verbinden', 'Access key fehlt'],
    ['es', 'Conectar Checked key', 'Conectar', 'Falta: Access key'],
    ['fr', 'Connecter Checked key', 'Connecter', 'À remplir : Access key'],
    ['ja', 'Checked keyを接続', '接続', 'Access keyを入力してください'],
  ])('%s is spoken when it is asked for', within, async (lang, title, action, refusal) => {
    const page = await open({ locale: 'en-GB' }, `&lang=${lang}-XX`);
    expect(await page.evaluate('document.documentElement.lang')).toBe(lang);
    expect(await page.title()).toBe(title);
    await page.getByRole('button', { name: action, exact: true }).click();
    await page.getByText(refusal).waitFor();
    await page.context().close();
  });

  test.each([
    ['of the browser when none is asked for', 'fr-CA', '', 'fr'],
    ['English when none of them is known', 'pt-BR', '&lang=tlh', 'en'],
    ['of the browser when another is asked for that is not known', 'de-CH', '&lang=tlh', 'de'],
  ])('is %s', within, async (_what, locale, more, lang) => {
    const page = await open({ locale }, more);
    expect(await page.evaluate('document.documentElement.lang')).toBe(lang);
    await page.context().close();
  });
});

describe('the look', () => {
  const settings = {
    ...defaultAppearance,
    theme: { light: { primary: '#ffdd00' }, dark: { primary: '#330066' } },
    logo: 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
    variables: { light: { '--radius': '2px' }, dark: { '--panel': '#101010' } },
    showWatermark: true,
  };

  test('is what members set, follows the system while it is shown, and text on the colour can be read', within, async () => {
    await stage.member.updateConnectUi({ query: {}, body: settings });
    const page = await open({ locale: 'en-GB', colorScheme: 'light' });
    await page.getByText('Connections by Bowline').waitFor();
    expect(await page.locator('header img').first().getAttribute('src')).toBe(settings.logo);
    expect([await styleOf(page, '--primary'), await styleOf(page, '--on-primary'), await styleOf(page, '--radius')]).toEqual([
      '#ffdd00',
      '#000000',
      '2px',
    ]);
    expect(await styleOf(page, '--accent')).not.toBe('#ffdd00'); // as text on white it could not be read
    await page.emulateMedia({ colorScheme: 'dark' });
    await until('it is dark', async () => (await themeOf(page)) === 'dark');
    expect([await styleOf(page, '--primary'), await styleOf(page, '--on-primary'), await styleOf(page, '--panel')]).toEqual([
      '#330066',
      '#ffffff',
      '#101010',
    ]);
    expect(await styleOf(page, '--radius')).not.toBe('2px');
    await page.context().close();
  });

  test('a theme of the settings beats the system, and one of the address beats both', within, async () => {
    await stage.member.updateConnectUi({ query: {}, body: { ...settings, defaultTheme: 'dark' } });
    const stored = await open({ colorScheme: 'light', locale: 'en-GB' });
    expect(await themeOf(stored)).toBe('dark');
    const asked = await open({ colorScheme: 'dark', locale: 'en-GB' }, '&theme=light');
    expect(await themeOf(asked)).toBe('light');
    await Promise.all([stored.context().close(), asked.context().close()]);
    await stage.member.updateConnectUi({ query: {}, body: defaultAppearance });
  });

  test('the page behind a frame stays visible, whatever the theme', within, async () => {
    const context = await stage.browser.newContext({ locale: 'en-GB' });
    const { token } = await stage.session({ allowed_integrations: ['checked-key'] });
    const { page, frame } = await openFramed(stage, context, { token, props: { themeOverride: 'dark' } });
    await frame.getByRole('heading', { level: 1 }).waitFor();
    const inside = page.frames().find((one) => one.url().includes('/connect/'));
    expect(await inside?.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('light');
    expect(await inside?.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe('rgba(0, 0, 0, 0)');
    await context.close();
  });

  test('a page that frames it cannot change it, and no message but of that page counts', within, async () => {
    const context = await stage.browser.newContext({ locale: 'en-GB', colorScheme: 'light' });
    const { token } = await stage.session({ allowed_integrations: ['checked-key'] });
    const { page, frame } = await openFramed(stage, context, { token });
    await frame.getByRole('heading', { level: 1, name: 'Connect Checked key' }).waitFor();
    const inside = page.frames().find((one) => one.url().includes('/connect/'));
    if (!inside) throw new Error('no frame');
    const message = JSON.stringify({ type: 'settings_changed', payload: { ...settings, defaultTheme: 'dark' } });
    await page.evaluate(`window.ui.iframe.contentWindow.postMessage(${message}, '*')`);
    await inside.evaluate(`window.postMessage({ type: 'session_token', sessionToken: 'of nobody' }, '*')`);
    await page.getByRole('button', { name: 'Below' }).evaluate(() => undefined); // a turn of both pages
    await inside.evaluate('new Promise((resolve) => setTimeout(resolve, 0))');
    expect([await themeOf(inside), await styleOf(inside, '--primary')]).toEqual(['light', defaultAppearance.theme.light.primary]);
    expect(await frame.getByRole('heading', { level: 1 }).textContent()).toBe('Connect Checked key');
    expect((await eventsOf(page)).map(({ type }) => type)).toEqual(['ready']);
    await context.close();
  });
});

test('the dashboard shows every change in a preview, and stores it when it is saved', within, async () => {
  const page = await (await stage.browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 1000 } })).newPage();
  await page.goto(stage.platform.url);
  await page.getByLabel('E-mail').fill(stage.platform.admin.email);
  await page.getByLabel('Password', { exact: true }).fill(stage.platform.admin.password ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname !== '/signin');
  await page.goto(`${stage.platform.url}/dev/settings`);
  const preview = page.frameLocator('iframe[title="Preview of the Connect UI"]');
  await preview.getByRole('heading', { level: 1, name: 'Connect your account' }).waitFor();
  const inside = page.frames().find((one) => one.url().includes('preview=true'));
  if (!inside) throw new Error('no preview');

  await page.getByLabel('Main colour, dark', { exact: true }).fill('#c0ffee');
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await until('the preview follows', async () => (await themeOf(inside)) === 'dark' && (await styleOf(inside, '--primary')) === '#c0ffee');
  await preview.getByRole('button', { name: 'Harbor CRM' }).click();
  await preview.getByRole('button', { name: 'Connect', exact: true }).waitFor();
  const file = { name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') };
  await page.getByLabel('Logo').setInputFiles(file);
  await preview.locator('header img').first().waitFor({ state: 'attached' });
  const card = page.locator('section', { has: page.getByRole('heading', { name: 'Connect UI' }) });
  await card.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The look of the Connect UI was saved').waitFor();
  expect(await stage.member.connectUi({ query: {} })).toMatchObject({
    theme: { dark: { primary: '#c0ffee' } },
    logo: `data:image/svg+xml;base64,${file.buffer.toString('base64')}`,
  });
  if (process.env.SHOTS) await card.screenshot({ path: `${process.env.SHOTS}/dashboard-connect-ui.png` });
});
