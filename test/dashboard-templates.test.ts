/** The functions of the catalogue in the dashboard: switched on and off with the keyboard and the mouse, in every look. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';
import { until } from './platform.ts';

const within = { timeout: 180_000 };
let stage: DashboardStage;

beforeAll(async () => {
  stage = await openDashboard();
  const credentials = { type: 'OAUTH2', client_id: 'an-id', client_secret: 'a-secret' } as const;
  await stage.platform.nango.createIntegration({ provider: 'github', unique_key: 'our-github', credentials });
  await stage.platform.nango.createIntegration({ provider: 'unauthenticated', unique_key: 'plain' });
}, 180_000);
afterAll(() => stage?.close());

const on = async (): Promise<string[]> => {
  const { data } = await stage.platform.api.integrations.functions({ params: { uniqueKey: 'our-github' }, query: {} });
  return data.map(({ type, name, source }) => `${source} ${type} ${name}`);
};

test(
  'the functions tab offers those for the provider; one that is switched on is shown as on, and can be switched off',
  within,
  async () => {
    const { page, complaints } = await stage.open('/dev/integrations/our-github?tab=functions');
    const ready = page.getByRole('table', { name: 'Functions ready to use' });
    const row = ready.getByRole('row').filter({ has: page.getByText('whoami', { exact: true }) });
    await row.getByRole('button', { name: 'Switch on the action whoami' }).focus();
    await page.keyboard.press('Enter');
    await row.getByText('On', { exact: true }).waitFor();
    expect(await on()).toEqual(['catalog action whoami']);
    await page.getByRole('table', { name: 'Functions', exact: true }).getByRole('button', { name: 'whoami' }).waitFor();
    await everyWay(page, 'functions ready to use');
    await row.getByRole('button', { name: 'Switch off the action whoami' }).click();
    const question = page.getByRole('dialog', { name: 'Switch off whoami?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await on(), 'nothing happened').toHaveLength(1);
    await row.getByRole('button', { name: 'Switch off the action whoami' }).click();
    await question.getByRole('button', { name: 'Switch off' }).click();
    await row.getByRole('button', { name: 'Switch on the action whoami' }).waitFor();
    await until('it is off', async () => (await on()).length === 0);
    expect(complaints).toEqual([]);
    await page.close();
  },
);

test('a provider without any shows nothing of it', within, async () => {
  const { page, complaints } = await stage.open('/dev/integrations/plain?tab=functions');
  await page.getByText('No functions yet').waitFor();
  await page.waitForLoadState('networkidle');
  expect(await page.getByText('Ready to use').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.close();
});
