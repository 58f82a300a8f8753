// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of providers
/** The `bowline provider` commands and providers beside functions, with the whole platform: from a vendor's document to a call through the proxy. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeProject, runCli, syncFile } from '../packages/cli/test/project.ts';
import { type Json, type Platform, startPlatform } from '../packages/server/test/platform.ts';
import { startUpstream, type Upstream } from '../packages/server/test/upstream.ts';

let platform: Platform;
let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
  const allow = `127.0.0.1:${upstream.port}`;
  platform = await startPlatform({ allow: [allow], env: { BOWLINE_OUTBOUND_ALLOW: allow } });
});

const bowline = (root: string, words: string[], answers?: string[]) =>
  runCli(root, words, { env: { BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey }, ...(answers && { answers }) });
const ok = async (root: string, words: string[], answers?: string[]) => {
  const { exitCode, output, errors } = await bowline(root, words, answers);
  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
  return output;
};
const okJson = async (root: string, words: string[]): Promise<Json> => JSON.parse(await ok(root, [...words, '--json']));

const yamlOf = (name: string, more = ''): string =>
  `display_name: ${name}\ncategories: [other]\nauth_mode: NONE\nproxy:\n  base_url: ${upstream.url}\n${more}docs: https://docs.example.com\n`;
const isStored = async (name: string): Promise<boolean> => (await platform.call('GET', `/providers/${name}`)).status === 200;
const integrate = async (provider: string): Promise<void> => {
  expect((await platform.call('POST', '/integrations', { unique_key: provider, provider })).status).toBe(200);
};

describe('from a vendor’s document', () => {
  it('to a call through the proxy: drafted, checked, stored, integrated, connected and called', async () => {
    const document = {
      openapi: '3.1.0',
      info: { title: 'Tracker API', version: '1' },
      servers: [{ url: `${upstream.url}/v1` }],
      security: [{ key: [] }],
      paths: {
        '/me': { get: { responses: { 200: { description: 'ok' } } } },
        '/things': { get: { responses: { 200: { description: 'ok' } } } },
      },
      components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Tracker-Key' } } },
    };
    const good = 'good-key';
    const answer = (text: string) => (request: { headers: Json }, response: Json) =>
      response.writeHead(request.headers['x-tracker-key'] === good ? 200 : 401, { 'content-type': 'application/json' }).end(text);
    upstream.on('/openapi.json', (_request, response) => response.end(JSON.stringify(document)));
    upstream.on('/v1/me', answer('{"me":1}'));
    upstream.on('/v1/things', answer('{"things":[1,2]}'));
    const root = makeProject({});
    await ok(root, ['provider', 'new', `${upstream.url}/openapi.json`]);
    const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(root, 'providers/tracker.yaml'), 'utf8')) ?? [];
    expect(await (await fetch(schema)).json()).toHaveProperty('$schema');
    expect(await ok(root, ['provider', 'check'])).toContain('+ new    provider tracker');
    expect(await isStored('tracker')).toBe(false);
    expect(await ok(root, ['provider', 'add', 'providers/tracker.yaml'])).toContain('Stored 1 provider.');
    await integrate('tracker');
    const { data } = (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u' }, allowed_integrations: ['tracker'] })).body;
    const submit = (apiKey: string) =>
      platform.call(
        'POST',
        `/api-auth/api-key/tracker?connect_session_token=${data.token}`,
        { apiKey },
        { 'content-type': 'application/json' },
      );
    const refused = await submit('bad-key');
    expect(refused.status).toBeGreaterThanOrEqual(400);
    const connected = await submit(good);
    expect(connected.status).toBe(200);
    const called = await platform.call('GET', '/proxy/things', undefined, {
      authorization: `Bearer ${platform.apiKey}`,
      'provider-config-key': 'tracker',
      'connection-id': connected.body.connectionId,
    });
    expect(called).toMatchObject({ status: 200, body: { things: [1, 2] } });
  });

  it.each(['oauth2', 'oauth2-cc', 'api-key', 'basic', 'mcp'])('every start is taken by the server: %s', async (kind) => {
    const root = makeProject({});
    await ok(root, ['provider', 'new', '--kind', kind, '--name', `start-${kind}`]);
    await ok(root, ['provider', 'check']);
  });

  it.each([
    'petstore-2.json',
    'payments-3.json',
    'forge-3.yaml',
    'helpdesk-3.1.yaml',
    'machines-3.1.json',
    'fastapi-3.1.json',
    'relative-2.yaml',
  ])('every draft is taken by the server: %s', async (name) => {
    const root = makeProject({ [name]: readFileSync(new URL(`../packages/cli/test/documents/${name}`, import.meta.url), 'utf8') });
    await ok(root, ['provider', 'new', name, '--name', 'drafted']);
    await ok(root, ['provider', 'check']);
  });
});

describe('bowline provider check', () => {
  it('names file, line and column of everything that is wrong in any file, and stores nothing', async () => {
    const root = makeProject({
      'providers/wrong.yaml': yamlOf('Wrong', '  paginate:\n    type: sideways\n').replace('[other]', '[]'),
      'providers/broken.yaml': 'display_name: [\n',
      'providers/right.yaml': yamlOf('Right'),
    });
    const { exitCode, errors } = await bowline(root, ['provider', 'check']);
    expect(exitCode).toBe(10);
    expect(errors).toMatch(/providers\/wrong\.yaml:2:\d+ - error: categories: /);
    expect(errors).toMatch(/providers\/wrong\.yaml:7:\d+ - error: proxy\.paginate\.type: /);
    expect(errors).toMatch(/providers\/broken\.yaml:\d+:\d+ - error: /);
    expect(errors).toContain('2 of 3 provider files cannot be stored.');
    const json = await bowline(root, ['provider', 'check', 'providers/wrong.yaml', '--json']);
    const { error } = JSON.parse(json.output);
    expect(error).toMatchObject({ exitCode: 10, diagnostics: [{ file: 'providers/wrong.yaml', line: 2 }, { line: 7 }] });
    expect(await isStored('right')).toBe(false);
  });

  it('refuses a name that the catalogue has', async () => {
    const { exitCode, errors } = await bowline(makeProject({ 'providers/github.yaml': yamlOf('Mine') }), ['provider', 'check']);
    expect(exitCode).toBe(11);
    expect(errors).toContain('providers/github.yaml: "github" is a provider of the catalogue');
  });

  it.each<[Record<string, string>, string[], number, RegExp]>([
    [{}, [], 2, /no providers\/\*\.yaml in .*`bowline provider new`/],
    [{}, ['providers/x.yaml'], 2, /There is no file providers\/x\.yaml/],
    [{ 'providers/Acme ERP.yaml': 'a: 1' }, [], 10, /providers\/Acme ERP\.yaml - error: The file's name is the provider's/],
    [{ 'providers/a.yaml': 'a: 1', 'providers/a.yml': 'a: 1' }, [], 10, /providers\/a\.yml - error: providers\/a\.yaml defines a too/],
    [{ 'providers/a.yaml': ' \n' }, [], 10, /is empty/],
    [{ 'providers/a.yaml': 'x'.repeat(262_145) }, [], 10, /at most 256 KiB/],
  ])('says what is wrong with the files themselves: %#', async (files, paths, expected, message) => {
    const { exitCode, errors } = await bowline(makeProject(files), ['provider', 'check', ...paths]);
    expect(exitCode).toBe(expected);
    expect(errors).toMatch(message);
  });

  it('says what is wrong with host and key', async () => {
    const root = makeProject({ 'providers/a.yaml': yamlOf('A') });
    const nobody = await bowline(root, ['provider', 'check', '--host', 'http://127.0.0.1:1']);
    expect(nobody).toMatchObject({ exitCode: 11, errors: expect.stringContaining('Cannot reach http://127.0.0.1:1') });
    const wrong = await bowline(root, ['provider', 'check', '--secret-key', 'a2b8c1d0-0000-4000-8000-000000000000']);
    expect(wrong).toMatchObject({ exitCode: 11, errors: expect.stringContaining('refused the API key from --secret-key (401)') });
    const reader = await platform.keyOf('dev', ['environment:providers:read']);
    const weak = await bowline(root, ['provider', 'check', '--secret-key', reader]);
    expect(weak).toMatchObject({
      exitCode: 11,
      errors: expect.stringContaining('does not allow this to the API key from --secret-key (403)'),
    });
    const none = await bowline(root, ['provider', 'check', '-e', 'prod']);
    expect(none).toMatchObject({ exitCode: 2, errors: expect.stringContaining('Set BOWLINE_SECRET_KEY_PROD') });
  });
});

describe('bowline provider add', () => {
  it('says what is new, changed and the same', async () => {
    const root = makeProject({ 'providers/first.yaml': yamlOf('First'), 'providers/second.yaml': yamlOf('Second') });
    await ok(root, ['provider', 'add', 'providers/first.yaml']);
    writeFileSync(join(root, 'providers/third.yaml'), yamlOf('Third'));
    await ok(root, ['provider', 'add', 'providers/second.yaml']);
    writeFileSync(join(root, 'providers/second.yaml'), yamlOf('Second, changed'));
    const { providers } = await okJson(root, ['provider', 'add', 'providers/first.yaml', 'providers/second.yaml', 'providers/third.yaml']);
    expect(providers).toEqual([
      { name: 'first', file: 'providers/first.yaml', change: 'unchanged', used_by: [] },
      { name: 'second', file: 'providers/second.yaml', change: 'update', used_by: [] },
      { name: 'third', file: 'providers/third.yaml', change: 'new', used_by: [] },
    ]);
    expect(await ok(root, ['provider', 'add', 'providers/second.yaml'])).toContain('Nothing to do.');
  });

  it('asks before it changes one in use, and says by whom', async () => {
    const root = makeProject({ 'providers/used.yaml': yamlOf('Used') });
    const add = ['provider', 'add', 'providers/used.yaml'];
    await ok(root, add);
    await integrate('used');
    await ok(root, add);
    writeFileSync(join(root, 'providers/used.yaml'), yamlOf('Used otherwise'));
    const name = async () => (await platform.call('GET', '/providers/used')).body.data.display_name;
    const alone = await bowline(root, add);
    expect(alone).toMatchObject({ exitCode: 11, errors: expect.stringContaining('what used and their connections use') });
    const no = await bowline(root, add, ['n']);
    expect(no).toMatchObject({ exitCode: 11, questions: ['Store? [y/N] '] });
    expect(await name()).toBe('Used');
    expect(await ok(root, add, ['y'])).toContain('used by used');
    expect(await name()).toBe('Used otherwise');
    writeFileSync(join(root, 'providers/used.yaml'), yamlOf('Used again'));
    await ok(root, [...add, '-y']);
    expect(await name()).toBe('Used again');
  });

  it('stores what others extend before them, whatever their order', async () => {
    const root = makeProject({
      'providers/a-child.yaml': 'extends: z-parent\ndisplay_name: Child\n',
      'providers/z-parent.yaml': yamlOf('Parent'),
    });
    expect(await ok(root, ['provider', 'check'])).toContain('provider a-child  checked when what it extends is stored');
    await ok(root, ['provider', 'add', 'providers/a-child.yaml', 'providers/z-parent.yaml']);
    expect((await platform.call('GET', '/providers/a-child')).body.data).toMatchObject({ display_name: 'Child', auth_mode: 'NONE' });
  });

  it('stores nothing when one of several is wrong', async () => {
    const root = makeProject({ 'providers/well.yaml': yamlOf('Well'), 'providers/wrong.yaml': yamlOf('Wrong', 'colour: red\n') });
    expect((await bowline(root, ['provider', 'add', 'providers/well.yaml', 'providers/wrong.yaml'])).exitCode).toBe(10);
    expect(await isStored('well')).toBe(false);
  });
});

describe('bowline provider list, show and remove', () => {
  it('lists the catalogue and marks the environment’s own', async () => {
    const root = makeProject({ 'providers/listed.yaml': yamlOf('Listed') });
    await ok(root, ['provider', 'add', 'providers/listed.yaml']);
    const all = await ok(root, ['provider', 'list']);
    expect(all).toMatch(/^github +OAUTH2 +GitHub$/m);
    expect(all).toMatch(/^listed +NONE +Listed {2}\(own\)$/m);
    const { providers } = await okJson(root, ['provider', 'list', '--custom', '--search', 'liste']);
    expect(providers).toEqual([{ name: 'listed', display_name: 'Listed', auth_mode: 'NONE', categories: ['other'], custom: true }]);
    expect(await ok(root, ['provider', 'list', '--search', 'nothing has this'])).toContain('No provider matches');
  });

  it('shows the definition, and the file as it was written', async () => {
    const yaml = `# why we have it\n${yamlOf('Shown')}`;
    const root = makeProject({ 'providers/shown.yaml': yaml });
    await ok(root, ['provider', 'add', 'providers/shown.yaml']);
    expect(await ok(root, ['provider', 'show', 'shown', '--source'])).toBe(yaml);
    expect(await ok(root, ['provider', 'show', 'shown'])).toContain('display_name: Shown');
    expect(await okJson(root, ['provider', 'show', 'github'])).toMatchObject({ provider: { name: 'github', auth_mode: 'OAUTH2' } });
    const builtIn = await bowline(root, ['provider', 'show', 'github', '--source']);
    expect(builtIn).toMatchObject({ exitCode: 1, errors: expect.stringContaining('no provider github of its own') });
    const none = await bowline(root, ['provider', 'show', 'nobody']);
    expect(none).toMatchObject({ exitCode: 11, errors: expect.stringContaining('nobody') });
  });

  it('deletes what nothing uses, when that is meant', async () => {
    const root = makeProject({ 'providers/gone.yaml': yamlOf('Gone'), 'providers/kept.yaml': yamlOf('Kept') });
    await ok(root, ['provider', 'add', 'providers/gone.yaml', 'providers/kept.yaml']);
    await integrate('kept');
    const unasked = await bowline(root, ['provider', 'remove', 'gone', '-y']);
    expect(unasked).toMatchObject({ exitCode: 11, errors: expect.stringContaining('--allow-destructive') });
    expect((await bowline(root, ['provider', 'remove', 'gone'], ['n'])).exitCode).toBe(11);
    expect(await isStored('gone')).toBe(true);
    await ok(root, ['provider', 'remove', 'gone'], ['y']);
    expect(await isStored('gone')).toBe(false);
    const used = await bowline(root, ['provider', 'remove', 'kept', '--allow-destructive']);
    expect(used).toMatchObject({ exitCode: 11, errors: expect.stringMatching(/kept.*conflict, 409/s) });
    const again = await bowline(root, ['provider', 'remove', 'gone', '--allow-destructive']);
    expect(again).toMatchObject({ exitCode: 11, errors: expect.stringContaining('gone') });
  });
});

describe('providers beside functions', () => {
  it('are shown in the plan, stored with the deploy before the functions, and kept when their file goes', async () => {
    const root = makeProject({ 'providers/beside.yaml': yamlOf('Beside'), 'beside/syncs/items.ts': syncFile() });
    const early = await bowline(root, ['deploy']);
    expect(early).toMatchObject({ exitCode: 11, errors: expect.stringContaining('first: bowline provider add providers/beside.yaml') });
    await ok(root, ['provider', 'add', 'providers/beside.yaml']);
    await integrate('beside');
    writeFileSync(join(root, 'providers/beside.yaml'), yamlOf('Beside, changed'));
    writeFileSync(join(root, 'providers/other.yaml'), yamlOf('Other'));
    const planned = await ok(root, ['deploy', '--plan']);
    expect(planned).toMatch(/~ update provider beside {2}used by beside\n.*\+ new {4}provider other\n.*\+ new {4}sync {5}beside → items/);
    expect(await isStored('other')).toBe(false);
    const deployed = await okJson(root, ['deploy']);
    expect(deployed.providers.map(({ name, change }: Json) => [name, change])).toEqual([
      ['beside', 'update'],
      ['other', 'new'],
    ]);
    expect(deployed.deployed).toMatchObject([{ name: 'items', providerConfigKey: 'beside' }]);
    expect((await platform.call('GET', '/providers/beside')).body.data.display_name).toBe('Beside, changed');
    const without = makeProject({ 'beside/syncs/items.ts': syncFile() });
    expect((await okJson(without, ['deploy', '--allow-destructive'])).providers).toEqual([]);
    expect(await isStored('other')).toBe(true);
  });

  it('may be all that a project has, and are left alone by who names functions and by compile', async () => {
    const root = makeProject({ 'providers/lonely.yaml': yamlOf('Lonely') });
    expect((await bowline(root, ['compile'])).exitCode).toBe(10);
    expect((await bowline(root, ['deploy', '-i', 'lonely'])).exitCode).toBe(10);
    expect(await isStored('lonely')).toBe(false);
    expect(await ok(root, ['deploy'])).toContain('Deployed 0 functions');
    expect(await isStored('lonely')).toBe(true);
  });

  it('stop the deploy when one is wrong: nothing is stored and no function deployed', async () => {
    const root = makeProject({
      'providers/fine.yaml': yamlOf('Fine'),
      'providers/wrong.yaml': yamlOf('Wrong', 'colour: red\n'),
      'fine/syncs/items.ts': syncFile(),
    });
    const { exitCode, errors } = await bowline(root, ['deploy']);
    expect(exitCode).toBe(10);
    expect(errors).toMatch(/providers\/wrong\.yaml:6:\d+ - error: .*colour/);
    expect(await isStored('fine')).toBe(false);
  });
});
