/** Logos: the operator's where there are some, else marks; for everybody, and telling nobody anything. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Platform, startPlatform } from '../platform.ts';
import { define, noneYaml } from './yaml.ts';

const hostile = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.cookie)</script></svg>';
const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
let platform: Platform;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-logos-'));
  const logos = join(folder, 'logos');
  mkdirSync(logos);
  writeFileSync(join(folder, 'secret.svg'), 'not to be served');
  writeFileSync(join(logos, 'github.svg'), hostile);
  writeFileSync(join(logos, 'acme-erp.png'), pixel);
  writeFileSync(join(logos, 'notes.txt'), 'not to be served');
  platform = await startPlatform({ worker: false, env: { BOWLINE_LOGOS: logos } });
});
const logo = (file: string) => fetch(`${platform.url}/images/template-logos/${file}`);

test('the operator’s SVG is served in place of the mark, and can run nothing', async () => {
  const answer = await logo('github.svg');
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, 'image/svg+xml', hostile]);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(answer.headers.get('content-security-policy')).toContain('sandbox');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
});

test('a PNG is one at the address every provider has, and at its own', async () => {
  for (const file of ['acme-erp.svg', 'acme-erp.png', 'acme-erp']) {
    const answer = await logo(file);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(Buffer.from(await answer.arrayBuffer()).equals(pixel)).toBe(true);
  }
});

test.each([
  '..%2Fsecret.svg',
  '%2e%2e%2fsecret.svg',
  '..%5Csecret.svg',
  'notes.txt',
  '%00github.svg',
  'a%2Fb.svg',
  '.svg',
  'GitHub.svg',
  'a.b.svg',
])('%s leads nowhere', async (file) => {
  const answer = await logo(file);
  expect([answer.status, await answer.text()]).toEqual([404, expect.not.stringContaining('not to be served')]);
});

describe('without one', () => {
  test('a provider of the catalogue has a mark of its initials', async () => {
    const answer = await logo('gitlab.svg');
    expect(answer.headers.get('content-type')).toBe('image/svg+xml');
    expect(await answer.text()).toContain('>GL</text>');
  });

  test('any other name has one of its letters, whoever has defined it', async () => {
    const before = await (await logo('our-stock-system.svg')).text();
    expect(before).toContain('>OS</text>');
    await define(platform, 'our-stock-system', noneYaml('https://api.acme.test').replace('Open data', 'Zebra'));
    expect(await (await logo('our-stock-system.svg')).text()).toBe(before);
  });
});
