// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of definitions are what is tested here
/** Defining a provider of an environment's own: what is taken, what is refused and where it says so, and what a change reaches. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { many } from '../../src/base/database.ts';
import { importConnection } from '../connections/fixture.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { apiKeyYaml, define, integrate, noneYaml, oauthYaml, put } from './yaml.ts';

const api = 'https://api.acme.test';
let platform: Platform;
let call: Platform['call'];
beforeAll(async () => {
  platform = await startPlatform();
  call = platform.call;
});

const get = async (name: string) => (await call('GET', `/providers/${name}`)).body.data;

describe('a definition that fits', () => {
  test('is answered with what it inherits, listed, and kept as it was written', async () => {
    const yaml = apiKeyYaml(api);
    const { body } = await define(platform, 'acme-erp', yaml);
    expect(body).toMatchObject({ created: true, used_by: [], data: { name: 'acme-erp', custom: true, auth_mode: 'API_KEY' } });
    expect(body.data.logo_url).toBe(`${platform.world.config.publicUrl}/images/template-logos/acme-erp.svg`);
    expect(body.data.credentials.apiKey).toMatchObject({ title: 'API key', order: 100 });
    expect(await get('acme-erp')).toEqual(body.data);
    const listed: Json[] = (await call('GET', '/providers')).body.data;
    expect(listed.find(({ name }) => name === 'acme-erp')).toEqual(body.data);
    expect(listed.find(({ name }) => name === 'github')).not.toHaveProperty('custom');
    expect(listed.map(({ name }) => name)).toEqual(listed.map(({ name }) => name).toSorted());
    const found: Json[] = (await call('GET', '/providers?search=acme')).body.data;
    expect(found.map(({ name }) => name)).toContain('acme-erp');
    const { data } = (await call('GET', '/providers/acme-erp/source')).body;
    expect(data).toEqual({ yaml, updated_at: expect.stringMatching(/Z$/) });
    expect((await put(platform, 'acme-erp', yaml)).body).toMatchObject({ created: false });
  });

  test('may be JSON', async () => {
    const json = { display_name: 'J', categories: ['other'], docs: 'https://x.test', auth_mode: 'NONE', proxy: { base_url: api } };
    expect((await define(platform, 'in-json', JSON.stringify(json))).body.data).toMatchObject({ display_name: 'J' });
  });

  test('keeps the order in which its fields are written', async () => {
    const field = (title: string) => `{ type: string, title: ${title}, description: Of the account. }`;
    const fields = ['zone', 'a', 'longer_name', 'b'].map((name) => `  ${name}: ${field(name)}\n`).join('');
    const { body } = await define(platform, 'ordered', noneYaml(api, `connection_config:\n${fields}`));
    const order = Object.entries<Json>(body.data.connection_config).toSorted(([, a], [, b]) => a.order - b.order);
    expect(order.map(([name]) => name)).toEqual(['zone', 'a', 'longer_name', 'b']);
    expect((await get('ordered')).connection_config).toEqual(body.data.connection_config);
  });

  test('is stored only when it is not a dry run', async () => {
    expect((await put(platform, 'dry', noneYaml(api), '?dry_run=true')).body).toMatchObject({ created: true, data: { name: 'dry' } });
    expect((await call('GET', '/providers/dry')).status).toBe(404);
  });

  test('is not in the catalogue for everybody, which holds none of the catalogue’s own facts', async () => {
    const all = await (await fetch(`${platform.url}/providers.json`)).json();
    const entries = Object.entries<Json>(Object(all));
    expect(entries.map(([name]) => name)).not.toContain('acme-erp');
    expect(entries.filter(([, entry]) => ['webhook', 'provenance', 'sandbox', 'notes'].some((key) => key in entry))).toEqual([]);
  });
});

describe('a definition that does not fit', () => {
  const findings = async (yaml: string, name = 'wrong') => {
    const { status, body } = await put(platform, name, yaml);
    expect([status, body.error?.code]).toEqual([400, 'invalid_body']);
    return body.error.errors.map(({ code: _, ...finding }: Json) => finding);
  };

  test('is answered with every finding at once, each where it is written', async () => {
    const yaml = `# nothing here\ndisplay_name: Wrong\ncategories: []\ndocs: https://docs.example.test\nauth_mode: NONE\ncolour: red\nproxy:\n  base_url: ${api}\n  paginate:\n    type: sideways\n`;
    expect(await findings(yaml)).toEqual([
      expect.objectContaining({ path: ['categories'], line: 3, column: 1 }),
      expect.objectContaining({ path: ['proxy', 'paginate', 'type'], line: 10, column: 5 }),
      expect.objectContaining({ path: ['colour'], line: 6, column: 1, message: expect.stringContaining('unknown key colour') }),
    ]);
  });

  test('says which placeholder nothing declares', async () => {
    expect(await findings(noneYaml('https://${connectionConfig.subdomain}.acme.test'))).toEqual([
      { path: ['proxy', 'base_url'], line: 6, column: 3, message: expect.stringContaining('connectionConfig.subdomain') },
    ]);
  });

  test('says which quirk or script this server does not have', async () => {
    const yaml = oauthYaml(api, 'quirk: nobody\npost_connection_script: constructor\nwebhook_routing_script: none\n');
    expect(await findings(yaml)).toEqual([
      expect.objectContaining({ path: ['quirk'], line: 11 }),
      expect.objectContaining({ path: ['post_connection_script'], line: 12 }),
      expect.objectContaining({ path: ['webhook_routing_script'], line: 13 }),
    ]);
  });

  test.each([
    ['no YAML', 'a: [', 'is not valid YAML'],
    ['no map', '- a', 'must be a map of keys'],
    ['two documents', 'a: 1\n---\nb: 2', 'multiple documents'],
    ['the same key twice', 'a: 1\na: 2', 'unique'],
    ['an alias', 'a: &a [1]\nb: *a', 'write out what it stands for'],
    ['a map as a key', '? { a: 1 }\n: 2', 'a key must be a plain text'],
    ['a key that reaches into objects', '__proto__: { auth_mode: NONE }', 'no key may have this name'],
    ['100,000 brackets', '['.repeat(100_000), 'nested'],
    ['a list in a list in a list …', '- '.repeat(100_000), 'nested'],
    ['a key in a key in a key …', '{a: '.repeat(50_000), 'nested'],
    ['a staircase', Array.from({ length: 600 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'), 'indented'],
    ['20,000 keys', Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n'), 'words and marks'],
    ['one text without an end', noneYaml(`https://${'a'.repeat(10_000)}`), 'longer than 4096'],
    ['tags', `a: ${'!x '.repeat(5_000)}`, 'is not valid YAML'],
  ])('%s is refused', async (_what, yaml, message) => {
    const [first] = await findings(yaml);
    expect(first.message).toContain(message);
    expect(first).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
  });

  test('is told from a request that does not fit', async () => {
    for (const body of [{}, { yaml: '' }, { yaml: 1 }, { yaml: 'a', more: 1 }, { yaml: 'a'.repeat(262_145) }])
      expect((await call('PUT', '/providers/wrong', body)).body.error.errors[0].path).toEqual(
        ['yaml' in body && Object.keys(body).length > 1 ? [] : ['yaml']].flat(),
      );
    for (const name of ['Upper', '-dash', 'a_b', 'a'.repeat(65)])
      expect((await put(platform, name, noneYaml(api))).body.error.code).toBe('invalid_uri_params');
  });
});

describe('names', () => {
  test('one of the catalogue is refused, with what to do instead', async () => {
    const { status, body } = await put(platform, 'github', noneYaml(api));
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect(body.error.message).toContain('extends: github');
  });

  test('another environment has its own of the same name, and sees nothing of this one', async () => {
    await define(platform, 'twin', noneYaml('https://dev.acme.test'));
    const authorization = `Bearer ${await platform.keyOf('prod')}`;
    const asProd: Platform['call'] = (method, path, body) => call(method, path, body, { authorization });
    expect((await asProd('GET', '/providers/twin')).status).toBe(404);
    expect((await asProd('GET', '/providers/twin/source')).status).toBe(404);
    expect((await asProd('DELETE', '/providers/twin')).status).toBe(404);
    expect((await asProd('POST', '/integrations', { unique_key: 'twin', provider: 'twin' })).body.error.code).toBe('invalid_body');
    await define({ call: asProd }, 'twin', noneYaml('https://prod.acme.test'));
    expect((await asProd('GET', '/providers/twin')).body.data.proxy.base_url).toBe('https://prod.acme.test');
    expect((await get('twin')).proxy.base_url).toBe('https://dev.acme.test');
  });

  test('what the operator adds later under the same name takes nothing away', async () => {
    await define(platform, 'early', noneYaml('https://own.acme.test'));
    const file = join(mkdtempSync(join(tmpdir(), 'bowline-catalogue-')), 'early.yaml');
    writeFileSync(file, noneYaml('https://operator.acme.test'));
    const later = await startPlatform({ database: platform.database, providers: [file], worker: false });
    const own = await later.call('GET', '/providers/early');
    expect(own.body.data).toMatchObject({ custom: true, proxy: { base_url: 'https://own.acme.test' } });
    expect((await put(later, 'early', noneYaml('https://changed.acme.test'))).body.created).toBe(false);
    const authorization = `Bearer ${await platform.keyOf('prod')}`;
    const elsewhere = await later.call('GET', '/providers/early', undefined, { authorization });
    expect(elsewhere.body.data.proxy.base_url).toBe('https://operator.acme.test');
  });
});

describe('extends', () => {
  test('begins from a provider of the catalogue: keys merge, and null takes one away', async () => {
    const yaml =
      'extends: github\ndisplay_name: Our GitHub\npost_connection_script: null\nproxy:\n  base_url: https://github.acme.test/api/v3\n';
    const { data } = (await define(platform, 'our-github', yaml)).body;
    const github = await get('github');
    expect(data).toMatchObject({
      display_name: 'Our GitHub',
      token_url: github.token_url,
      proxy: { base_url: 'https://github.acme.test/api/v3' },
    });
    expect(data.proxy.paginate).toEqual(github.proxy.paginate);
    expect(data).not.toHaveProperty('post_connection_script');
  });

  test('begins from another of the environment, and follows it when that changes', async () => {
    await define(platform, 'parent', noneYaml('https://one.acme.test'));
    await define(platform, 'child', 'extends: parent\ndisplay_name: Child\n');
    await define(platform, 'grandchild', 'extends: child\ndisplay_name: Grandchild\n');
    await integrate(platform, 'grandchild');
    const { body } = await define(platform, 'parent', noneYaml('https://two.acme.test'));
    expect(body.used_by).toEqual(['grandchild']);
    expect((await get('grandchild')).proxy.base_url).toBe('https://two.acme.test');
    expect((await call('GET', '/providers/grandchild/source')).body.data.yaml).toBe('extends: child\ndisplay_name: Grandchild\n');
  });

  test('a change that those who extend it would not survive is refused and names them', async () => {
    const declared = 'connection_config:\n  region: { type: string, title: Region, description: Of the account., pattern: "^[a-z]{2}$" }\n';
    await define(platform, 'base', noneYaml(api, declared));
    await define(platform, 'reads-region', 'extends: base\nproxy:\n  query:\n    region: ${connectionConfig.region}\n');
    await define(platform, 'reads-it-too', 'extends: reads-region\ndisplay_name: Too\n');
    const { status, body } = await put(platform, 'base', noneYaml(api));
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect(body.error.message).toContain('"reads-region" (proxy.query.region');
    expect((await get('base')).connection_config).toHaveProperty('region');
  });

  test('a circle is refused, of itself or through others', async () => {
    expect((await put(platform, 'self', 'extends: self\n')).body.error.errors).toEqual([
      expect.objectContaining({ path: ['extends'], line: 1, message: 'leads back to "self": self → self' }),
    ]);
    await define(platform, 'ring-a', noneYaml(api));
    await define(platform, 'ring-b', 'extends: ring-a\n');
    await define(platform, 'ring-c', 'extends: ring-b\n');
    const { body } = await put(platform, 'ring-a', 'extends: ring-c\n');
    expect(body.error).toMatchObject({ code: 'invalid_body', errors: [{ path: ['extends'] }] });
    expect(body.error.message).toContain('ring-a → ring-c → ring-b → ring-a');
  });

  test('what is not there is refused', async () => {
    expect((await put(platform, 'orphan', '\nextends: nobody\n')).body.error.errors).toEqual([
      expect.objectContaining({ path: ['extends'], line: 2, message: expect.stringContaining('"nobody"') }),
    ]);
    expect((await put(platform, 'orphan', 'extends: [github]\n')).body.error.errors[0].path).toEqual(['extends']);
  });
});

describe('what is in use', () => {
  test('another auth mode is refused while connections were made in this one, also through a parent', async () => {
    await define(platform, 'used', apiKeyYaml(api));
    await define(platform, 'used-heir', 'extends: used\n');
    await integrate(platform, 'used-heir');
    const change = () => put(platform, 'used', noneYaml(api));
    expect((await put(platform, 'used', noneYaml(api), '?dry_run=true')).status).toBe(200);
    await importConnection(platform, 'c-1', { provider_config_key: 'used-heir' });
    const { status, body } = await change();
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect(body.error.message).toContain('"used-heir" (API_KEY, would be NONE)');
    expect((await put(platform, 'used', apiKeyYaml('https://moved.acme.test'))).body).toMatchObject({
      created: false,
      used_by: ['used-heir'],
    });
    await call('DELETE', '/connections/c-1?provider_config_key=used-heir');
    expect((await change()).status).toBe(200);
  });

  test('it is not deleted while an integration uses it or another extends it', async () => {
    await define(platform, 'needed', noneYaml(api));
    await define(platform, 'needed-heir', 'extends: needed\n');
    await integrate(platform, 'needed');
    const { status, body } = await call('DELETE', '/providers/needed');
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect(body.error.message).toContain('the integration "needed"');
    expect(body.error.message).toContain('the provider "needed-heir"');
    expect((await get('needed')).custom).toBe(true);
    await call('DELETE', '/integrations/needed');
    await call('DELETE', '/providers/needed-heir');
    expect((await call('DELETE', '/providers/needed')).body).toEqual({ success: true });
    expect((await call('GET', '/providers/needed')).status).toBe(404);
    expect((await call('DELETE', '/providers/github')).body.error.message).toContain('of the catalogue');
  });

  test('of a deletion and an integration made at once one is refused', async () => {
    for (let round = 0; round < 8; round++) {
      await define(platform, 'raced', noneYaml(api));
      const [removed, made] = await Promise.all([
        call('DELETE', '/providers/raced'),
        call('POST', '/integrations', { unique_key: 'raced', provider: 'raced' }),
      ]);
      expect([removed.status, made.status].toSorted()).toEqual(removed.status === 200 ? [200, 400] : [200, 409]);
      await call('DELETE', '/integrations/raced');
    }
  });

  test('of two that would extend each other, saved at once, one is refused', async () => {
    for (let round = 0; round < 5; round++) {
      await define(platform, 'left', noneYaml(api));
      await define(platform, 'right', noneYaml(api));
      const both = await Promise.all([put(platform, 'left', 'extends: right\n'), put(platform, 'right', 'extends: left\n')]);
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 400]);
      await define(platform, 'left', noneYaml(api));
    }
  });
});

test('with its environment all of them go', async () => {
  const account = { authorization: `Bearer ${await platform.accountKeyOf()}` };
  const { id } = (await call('POST', '/environments', { name: 'short-lived' }, account)).body.data;
  const key = (await call('POST', '/environment/api-keys', { environment_id: id, display_name: 'k' }, account)).body.data;
  const authorization = `Bearer ${key.secret}`;
  const as: Platform['call'] = (method, path, body) => call(method, path, body, { authorization });
  await define({ call: as }, 'going', apiKeyYaml(api));
  await integrate({ call: as }, 'going');
  const rows = () => many<{ name: string }>(platform.world.db, sql`select name from custom_providers where environment_id = ${id}`);
  expect(await rows()).toEqual([{ name: 'going' }]);
  expect((await call('DELETE', `/environments/${id}`, undefined, account)).status).toBeLessThan(300);
  await eventually(async () => (await rows()).length === 0, 'the providers of the deleted environment are gone');
});
