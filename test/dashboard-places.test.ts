/** Where one is: every page marks the place it belongs to, and no other, in the sidebar and in the bar of phones. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DashboardStage, everyWay, openDashboard } from './dashboard-stage.ts';

let stage: DashboardStage;
beforeAll(async () => {
  stage = await openDashboard();
}, 120_000);
afterAll(() => stage?.close());

const places = {
  '/dev': 'Overview',
  '/dev/integrations': 'Integrations',
  '/dev/providers': 'Integrations',
  '/dev/new-provider': 'Integrations',
  '/dev/connections': 'Connections',
  '/dev/activity': 'Activity',
  '/dev/deliveries': 'Activity',
  '/dev/deliveries/00000000-0000-4000-8000-000000000000': 'Activity',
  '/dev/captures': 'Activity',
  '/dev/settings': 'Settings',
};

test('every page marks its place, and no other', { timeout: 120_000 }, async () => {
  const { page } = await stage.open('/dev');
  for (const [path, place] of Object.entries(places)) {
    await page.goto(stage.platform.url + path);
    await page.locator('main').waitFor();
    const wordmarks = await page.locator('a[aria-label="Bowline, overview"]').evaluateAll((all) => all.map((one) => one.ariaCurrent));
    expect([path, ...wordmarks]).toEqual([path, ...[1, 2].map(() => (place === 'Overview' ? 'page' : null))]);
    for (const bar of ['Main', 'Main, phone']) {
      const marked = page.locator(`nav[aria-label="${bar}"] a[aria-current=page][data-status=active]`);
      expect([
        path,
        bar,
        ...(await marked.evaluateAll((links) => links.map((link) => link.firstElementChild?.nextSibling?.textContent))),
      ]).toEqual([path, bar, place]);
    }
  }
  for (const path of ['deliveries', 'captures']) {
    await page.goto(`${stage.platform.url}/dev/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await everyWay(page, `where one is on the page of ${path}`);
  }
});
