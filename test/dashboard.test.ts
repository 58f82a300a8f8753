/** A person at the dashboard of a platform that has played its demo: signs in, clicks Connect, consents in the popup, sees records appear. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { npmStart, type Started } from './npm-start.ts';
import { dropHome, makeHome } from './platform.ts';

let place: { home: string; port: number };
let started: Started;
let browser: Browser;

beforeAll(async () => {
  place = await makeHome();
  started = npmStart(place);
  [browser] = await Promise.all([chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }), started.ready()]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  started?.child.kill('SIGTERM');
  await started?.ended;
  dropHome(place);
});

test('clicking Connect opens the consent page, makes a second connection, and its records appear', { timeout: 120_000 }, async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = listen(page);
  await signIn(page);

  await page.goto(`${started.url}/dev/connections`);
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('End user ID').fill('grace');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  const connect = page.frameLocator('iframe#connect-ui'); // the Connect UI, as a customer's app opens it
  const [popup] = await Promise.all([context.waitForEvent('page'), connect.getByRole('button', { name: 'Connect', exact: true }).click()]);
  await popup.waitForURL(/\/login\/oauth\/authorize/);
  expect(new URL(popup.url()).searchParams.get('code_challenge_method')).toBe('S256');
  expect(await popup.getByText('Bowline demo').count()).toBeGreaterThan(0);
  await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: /octocat/ }).click()]);

  await connect.getByRole('heading', { name: /is connected/ }).waitFor();
  await connect.getByRole('button', { name: 'Finish' }).click();
  await page.waitForURL(/\/connections\/.+\/.+/);
  const connectionId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const { connections } = await started.api.connections.list({ query: { endUserId: 'grace' } });
  expect(connections.map(({ connection_id }) => connection_id)).toEqual([connectionId]);

  await page.getByRole('tab', { name: /Syncs/ }).click();
  await page.getByRole('heading', { name: /issues/ }).waitFor();
  await page.getByText('+152').first().waitFor(); // 150, one created by the demo, one by its action: live; tickets are made of the same
  await page.getByRole('tab', { name: /Records/ }).click();
  const rows = page.getByRole('table', { name: 'Records' }).getByRole('row');
  await rows.nth(5).waitFor();
  expect(await page.getByText('Added').count()).toBeGreaterThan(5);

  await page.getByRole('tab', { name: 'Authorization' }).click();
  await page.getByText('••••').first().waitFor();
  expect(await page.content()).not.toMatch(/gho_[0-9a-zA-Z]{20}/);
  expect(complaints).toEqual([]);
});

test('a member makes an environment, and deletes it by typing its name', { timeout: 60_000 }, async () => {
  const page = await browser.newPage();
  const complaints = listen(page);
  await signIn(page);
  await page.goto(`${started.url}/dev/settings`);
  await page.getByRole('button', { name: 'Create environment' }).click();
  await page.getByLabel('Name').fill('staging');
  await page.getByRole('dialog').getByRole('button', { name: 'Create environment' }).click();
  await page.getByRole('table', { name: 'Environments' }).getByRole('link', { name: 'staging' }).click();
  await page.waitForURL(`${started.url}/staging`);

  await page.goto(`${started.url}/staging/settings`);
  await page.getByRole('button', { name: 'Delete environment staging' }).click();
  const confirm = page.getByRole('dialog');
  expect(await confirm.getByRole('button', { name: 'Delete environment' }).isDisabled()).toBe(true);
  await confirm.getByLabel('Type staging to go on').fill('staging');
  await confirm.getByRole('button', { name: 'Delete environment' }).click();
  await page.waitForURL(`${started.url}/dev/settings`); // away from what is no longer there
  await page.getByText('The environment staging was deleted').waitFor();
  const names = page.getByRole('table', { name: 'Environments' }).getByRole('link');
  await expect.poll(() => names.allInnerTexts()).toEqual(['dev', 'prod']);
  expect(complaints).toEqual([]);
});

test('an app is added by its id, page and private key; what is wrong is said beside the form, and its settings show and change it', {
  timeout: 120_000,
}, async () => {
  const pem = ({ privateKey }: { privateKey: KeyObject }) => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const privateKey = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const notRsa = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const page = await browser.newPage();
  const complaints = listen(page);
  await signIn(page);
  await page.goto(`${started.url}/dev/integrations`);
  await page.getByRole('button', { name: 'Add integration' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Search providers').fill('github app');
  await dialog
    .getByRole('option')
    .filter({ hasText: /^GitHub App(?! with)/ })
    .click();
  await dialog.getByText(`${started.url}/app-auth/connect`).waitFor();
  expect(await dialog.getByLabel('Client ID').count()).toBe(0);
  const add = dialog.getByRole('button', { name: 'Add integration' });
  await add.click();
  await dialog.getByText('Private key is needed').waitFor();
  await dialog.getByLabel('App ID').fill('4711');
  await dialog.getByLabel('Public page').fill('https://github.com/apps/mine');
  await dialog.getByLabel('Private key').fill('a key');
  await dialog.getByText('Send the whole PEM file').waitFor();
  await dialog.getByLabel('Private key').fill(notRsa);
  await add.click();
  await dialog.getByRole('alert').getByText('not an RSA private key').waitFor(); // the server's word
  await dialog.getByLabel('Private key').fill(privateKey);
  await add.click();
  await page.waitForURL(/\/integrations\/github-app$/);
  const stored = () => started.api.integrations.get({ params: { uniqueKey: 'github-app' }, query: { include: 'credentials' } });
  const app = { type: 'APP', app_id: '4711', app_link: 'https://github.com/apps/mine', private_key: privateKey };
  expect((await stored()).data.credentials).toMatchObject(app);

  expect(await page.getByLabel('Private key').inputValue()).toBe(privateKey);
  await page.getByLabel('App ID').fill('4712');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The app was saved').waitFor();
  expect((await stored()).data.credentials).toMatchObject({ ...app, app_id: '4712' });
  expect(complaints).toEqual([]);
});

test('a wrong password is refused, in words', { timeout: 60_000 }, async () => {
  const page = await browser.newPage();
  await signIn(page, 'not the password');
  await page.getByText(/password is wrong/).waitFor();
  expect(new URL(page.url()).pathname).toBe('/signin');
});

async function signIn(page: Page, given?: string): Promise<void> {
  const [email = '', password = ''] = started.printed('Sign in').split(/\s+/);
  await page.goto(started.url);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(given ?? password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  if (given === undefined) await page.waitForURL((url) => url.pathname !== '/signin');
}

/** Errors of the page: thrown, logged, or a request of our own that failed on our side. */
function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('response', (response) => {
    if (response.url().startsWith(started.url) && response.status() >= 500) complaints.push(`${response.status()} ${response.url()}`);
  });
  return complaints;
}
