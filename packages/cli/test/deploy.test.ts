import { describe, expect, it } from 'vitest';
import { exampleFolder, makeProject, runCli, syncFile } from './project.ts';
import { startDeployServer } from './server.ts';

const env = (host: string, more: Record<string, string> = {}) => ({ BOWLINE_HOST: host, BOWLINE_SECRET_KEY_DEV: 'key-of-dev', ...more });
const gone = { deletedSyncs: [{ name: 'old', providerConfigKey: 'crm', connections: 3 }], deletedModels: ['Old'] };
const smallProject = () => makeProject({ 'crm/syncs/items.ts': syncFile() });

describe('bowline deploy', () => {
  it('asks for the plan, then deploys the example as the wire wants it', async () => {
    const { host, requests } = await startDeployServer({ plan: { newSyncs: [{ name: 'issues', providerConfigKey: 'github' }] } });
    const { exitCode, output, errors } = await runCli(exampleFolder, ['deploy'], { env: env(host) });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(requests.map(({ path, body }) => [path, body.reconcile])).toEqual([
      ['/sync/deploy/confirmation', false],
      ['/sync/deploy', true],
    ]);
    const [, deploy] = requests;
    expect(deploy?.headers.authorization).toBe('Bearer key-of-dev');
    expect(deploy?.headers['user-agent']).toMatch(/^bowline-cli\/\d/);
    expect(deploy?.body.deployMode).toBe('all');
    const sent = deploy?.body.flowConfigs.map(({ type, syncName, providerConfigKey }) => `${providerConfigKey} ${type} ${syncName}`);
    expect(sent).toEqual(expect.arrayContaining(['github sync issues', 'github action whoami', 'linear sync issues']));
    const issues = deploy?.body.flowConfigs.find((flow) => flow.providerConfigKey === 'github' && flow.syncName === 'issues');
    expect(issues).toMatchObject({
      providerConfigKey: 'github',
      models: ['Issue'],
      input: 'SyncMetadata_github_issues',
      runs: 'every 5 minutes',
      auto_start: true,
      sync_type: 'full',
      features: ['checkpoints'],
      metadata: { scopes: ['repo'] },
      fileBody: { ts: expect.stringContaining('createSync({') },
    });
    expect(output).toContain('new    sync     github → issues');
    expect(output).toContain('BOWLINE_SECRET_KEY_DEV');
    expect(output).toContain('github → whoami v1');
    expect(output).not.toContain('key-of-dev');
  }, 60_000);

  it('sends on-event functions by integration', async () => {
    const { host, requests } = await startDeployServer();
    const root = makeProject({
      'crm/on-events/hello.ts':
        "import { createOnEvent } from 'bowline';\nexport default createOnEvent({ description: 'd', event: 'validate-connection', exec: async () => {} });\n",
    });
    expect((await runCli(root, ['deploy'], { env: env(host) })).exitCode).toBe(0);
    expect(requests[1]?.body).toMatchObject({
      flowConfigs: [],
      onEventScriptsByProvider: [{ providerConfigKey: 'crm', scripts: [{ name: 'hello', event: 'validate-connection' }] }],
    });
  }, 60_000);

  it.each<[string[], string, string[]]>([
    [['-i', 'hr'], 'integration', ['hire', 'people']],
    [['--sync', 'people'], 'single', ['people']],
    [['-a', 'hire'], 'single', ['hire']],
  ])(
    'with %j sends only those, as mode %s',
    async (flags, mode, names) => {
      const { host, requests } = await startDeployServer();
      const root = makeProject({
        'crm/syncs/items.ts': syncFile(),
        'hr/syncs/people.ts': syncFile({ Item: 'Person' }),
        'hr/actions/hire.ts':
          "import { createAction } from 'bowline';\nimport { z } from 'zod';\nexport default createAction({ description: 'd', input: z.void(), output: z.void(), exec: async () => {} });\n",
      });
      expect((await runCli(root, ['deploy', 'dev', ...flags], { env: env(host) })).exitCode).toBe(0);
      expect(requests[1]?.body.deployMode).toBe(mode);
      expect(requests[1]?.body.flowConfigs.map(({ syncName }) => syncName)).toEqual(names);
      expect('onEventScriptsByProvider' in (requests[1]?.body ?? {})).toBe(mode !== 'single');
    },
    60_000,
  );

  it('prints one JSON document with --json', async () => {
    const { host } = await startDeployServer();
    const { output, errors } = await runCli(smallProject(), ['deploy', '--json'], { env: env(host) });
    expect(errors).toBe('');
    expect(JSON.parse(output)).toMatchObject({
      ok: true,
      environment: 'dev',
      host,
      deployed: [{ name: 'items', version: '1', providerConfigKey: 'crm' }],
    });
  }, 60_000);
});

describe('a deploy that would delete', () => {
  it.each([[[]], [['--auto-confirm']], [['-y', '--json']]])(
    'is refused with 11 where nobody can be asked, with %j',
    async (flags) => {
      const { host, requests } = await startDeployServer({ plan: gone });
      const { exitCode, output, errors } = await runCli(smallProject(), ['deploy', ...flags], { env: env(host) });
      expect(exitCode).toBe(11);
      expect(output + errors).toContain('This deletes crm/old, model Old');
      expect(output + errors).toContain('--allow-destructive');
      expect(requests.map(({ path }) => path)).toEqual(['/sync/deploy/confirmation']);
    },
    60_000,
  );

  it.each<[string, number]>([
    ['', 11],
    ['n', 11],
    ['yes', 0],
    ['Y', 0],
  ])(
    'asks a person; the answer %j ends with %d',
    async (answer, expected) => {
      const { host, requests } = await startDeployServer({ plan: gone });
      const { exitCode, questions } = await runCli(smallProject(), ['deploy'], { env: env(host), answers: [answer] });
      expect(questions).toHaveLength(1);
      expect(exitCode).toBe(expected);
      expect(requests).toHaveLength(expected === 0 ? 2 : 1);
    },
    60_000,
  );

  it.each<[string[], Record<string, string>]>([
    [['--no-interactive'], {}],
    [[], { CI: 'true' }],
  ])(
    'asks nobody with %j and %j',
    async (flags, variables) => {
      const { host } = await startDeployServer({ plan: gone });
      const { exitCode, questions } = await runCli(smallProject(), ['deploy', ...flags], { env: env(host, variables), answers: ['yes'] });
      expect({ exitCode, questions }).toEqual({ exitCode: 11, questions: [] });
    },
    60_000,
  );

  it('is only shown with --plan', async () => {
    const { host, requests } = await startDeployServer({ plan: gone });
    const { exitCode, output } = await runCli(smallProject(), ['deploy', '--plan'], { env: env(host) });
    expect(exitCode).toBe(0);
    expect(output).toContain('delete model    Old');
    expect(requests).toHaveLength(1);
  }, 60_000);

  it('goes ahead unasked with --allow-destructive', async () => {
    const { host, requests } = await startDeployServer({ plan: gone });
    const { exitCode, output } = await runCli(smallProject(), ['deploy', '--auto-confirm', '--allow-destructive'], { env: env(host) });
    expect(exitCode).toBe(0);
    expect(output).toContain('delete sync     crm → old  3 connections');
    expect(requests).toHaveLength(2);
  }, 60_000);
});

describe('a deploy of a project that lost its last function', () => {
  const emptied = (): Record<string, string>[] => [
    { 'index.ts': '', '.nango/tsconfig.json': '{}' },
    { 'tsconfig.json': '{ "extends": "./.nango/tsconfig.json" }' },
    { 'nango.yaml': 'integrations: {}\n' },
  ];

  it('says that it is meant, and asks as for any deletion', async () => {
    for (const files of emptied()) {
      const { host, requests } = await startDeployServer({ plan: gone });
      const root = makeProject(files);
      expect(await runCli(root, ['deploy', '--auto-confirm'], { env: env(host) })).toMatchObject({
        exitCode: 11,
        errors: expect.stringContaining('This deletes crm/old, model Old'),
      });
      const { exitCode, questions, output } = await runCli(root, ['deploy'], { env: env(host), answers: ['y'] });
      expect({ exitCode, questions: questions.length }).toEqual({ exitCode: 0, questions: 1 });
      expect(output).toContain('delete sync     crm → old');
      expect(requests.map(({ path }) => path)).toEqual(['/sync/deploy/confirmation', '/sync/deploy/confirmation', '/sync/deploy']);
      for (const { body } of requests) expect(body).toMatchObject({ flowConfigs: [], deployMode: 'all', allowEmpty: true });
    }
  });

  it('is told where functions lie when there is nothing to delete either', async () => {
    const { host, requests } = await startDeployServer();
    const done = await runCli(makeProject({ '.nango/tsconfig.json': '{}', 'crm/sync/items.ts': syncFile() }), ['deploy'], {
      env: env(host),
    });
    expect(done).toMatchObject({ exitCode: 10, errors: expect.stringContaining('<integration>/syncs/<name>.ts') });
    expect(requests.map(({ path }) => path)).toEqual(['/sync/deploy/confirmation']);
  });

  it('is refused in a folder that is no project, and with a name: nobody is asked for a plan', async () => {
    const { host, requests } = await startDeployServer({ plan: gone });
    for (const [files, words] of [
      [{ 'index.ts': '', 'package.json': '{}', 'tsconfig.json': '{}' }, []],
      [{ '.nango/tsconfig.json': '{}' }, ['-i', 'crm']],
    ] as const)
      expect(await runCli(makeProject(files), ['deploy', '--allow-destructive', ...words], { env: env(host) })).toMatchObject({
        exitCode: 10,
        errors: expect.stringContaining('No functions found'),
      });
    expect(requests).toEqual([]);
  });

  it('never counts for one that has functions', async () => {
    const { host, requests } = await startDeployServer();
    await runCli(smallProject(), ['deploy'], { env: env(host) });
    expect(requests).toHaveLength(2);
    for (const { body } of requests) expect(body).not.toHaveProperty('allowEmpty');
  });
});

describe('a deploy that fails', () => {
  it.each<[number, unknown, RegExp]>([
    [
      404,
      { error: { code: 'unknown_provider_config', message: 'no github' } },
      /no github\. \(unknown_provider_config, 404\) Create the integration/,
    ],
    [409, { error: { code: 'concurrent_deployment' } }, /Another deploy to this environment is under way/],
    [400, { error: { code: 'invalid_body', errors: [{ path: ['flowConfigs', 0, 'runs'], message: 'bad' }] } }, /flowConfigs\.0\.runs: bad/],
    [401, { error: { code: 'unknown_account' } }, /refused the API key from BOWLINE_SECRET_KEY_DEV \(401\)/],
    [502, 'bad gateway', /server behind it does not \(502\)/],
  ])(
    'says what a %d means and exits with 11',
    async (status, refusal, message) => {
      const { host } = await startDeployServer({ status, refusal });
      const { exitCode, errors } = await runCli(smallProject(), ['deploy'], { env: env(host) });
      expect(errors).toMatch(message);
      expect(errors).not.toContain('key-of-dev');
      expect(exitCode).toBe(11);
    },
    60_000,
  );

  it('says that the server cannot be reached', async () => {
    const { exitCode, errors } = await runCli(smallProject(), ['deploy', '--host', 'http://127.0.0.1:1'], { env: env('http://unused') });
    expect(errors).toContain('Cannot reach http://127.0.0.1:1');
    expect(exitCode).toBe(11);
  }, 60_000);

  it('says which function it could have meant', async () => {
    const { exitCode, errors } = await runCli(smallProject(), ['deploy', '-s', 'item'], { env: env('http://127.0.0.1:1') });
    expect(errors).toContain('Nothing matches sync item. The project has: sync crm/items.');
    expect(exitCode).toBe(2);
  }, 60_000);

  it('contacts nobody when a function does not compile', async () => {
    const { host, requests } = await startDeployServer();
    const root = makeProject({ 'crm/syncs/items.ts': syncFile({ 'every hour': 'never' }) });
    expect((await runCli(root, ['deploy'], { env: env(host) })).exitCode).toBe(10);
    expect(requests).toEqual([]);
  }, 60_000);
});

describe('the key of a deploy', () => {
  it.each<[string, Record<string, string>, string, string[], string]>([
    ['the flag before all', { BOWLINE_SECRET_KEY_DEV: 'a' }, '', ['--secret-key', 'flag'], 'flag'],
    [
      'the variable of the environment before the general one',
      { BOWLINE_SECRET_KEY: 'general', BOWLINE_SECRET_KEY_STAGING_EU: 'staging' },
      '',
      ['staging-eu'],
      'staging',
    ],
    ['our names before the older ones', { NANGO_SECRET_KEY_DEV: 'older', BOWLINE_SECRET_KEY: 'ours' }, '', [], 'ours'],
    ['the older names', { NANGO_SECRET_KEY: 'older' }, '', [], 'older'],
    ['the .env file of the project', {}, 'BOWLINE_SECRET_KEY_DEV="from file"\n', [], 'from file'],
    ['a real variable before the file', { BOWLINE_SECRET_KEY_DEV: 'real' }, 'BOWLINE_SECRET_KEY_DEV=file\n', [], 'real'],
  ])(
    'is %s',
    async (_what, variables, dotenv, words, key) => {
      const { host, requests } = await startDeployServer();
      const root = makeProject({ 'crm/syncs/items.ts': syncFile(), '.env': dotenv });
      const { exitCode } = await runCli(root, ['deploy', ...words], { env: { NANGO_HOSTPORT: `${host}/`, ...variables } });
      expect(exitCode).toBe(0);
      expect(requests[1]?.headers.authorization).toBe(`Bearer ${key}`);
    },
    60_000,
  );

  it('is told of in the plan when it serves every environment, and only then', async () => {
    const { host } = await startDeployServer();
    const plan = async (variable: string) =>
      (await runCli(smallProject(), ['deploy', 'prod', '--plan'], { env: { BOWLINE_HOST: host, [variable]: 'key' } })).output;
    expect(await plan('BOWLINE_SECRET_KEY')).toContain('BOWLINE_SECRET_KEY is used for every environment. BOWLINE_SECRET_KEY_PROD makes');
    expect(await plan('BOWLINE_SECRET_KEY_PROD')).not.toContain('every environment');
  }, 60_000);

  it('is asked for by the name of its variable when missing', async () => {
    const { exitCode, errors } = await runCli(smallProject(), ['deploy', 'prod']);
    expect(errors).toContain('Set BOWLINE_SECRET_KEY_PROD');
    expect(exitCode).toBe(2);
  });
});
