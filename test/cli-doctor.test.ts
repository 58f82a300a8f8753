/** `bowline doctor` with the whole platform: what is in order, and for each thing that can be wrong what to do about it. */
import { createServer, type RequestListener } from 'node:http';
import { checkMachine } from 'bowline/doctor/local';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeProject, runCli, syncFile } from '../packages/cli/test/project.ts';
import { type Json, type Platform, startPlatform } from '../packages/server/test/platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  await platform.call('POST', '/integrations', { unique_key: 'crm', provider: 'unauthenticated' });
});

const project = { 'crm/syncs/items.ts': syncFile() };
const doctor = async (files: Record<string, string>, env: Record<string, string> = {}, words: string[] = []) => {
  const given = { BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey, ...env };
  const root = makeProject(files);
  const text = await runCli(root, ['doctor', ...words], { env: given });
  const { output } = await runCli(root, ['doctor', ...words, '--json'], { env: given });
  const document: Json = JSON.parse(output);
  const wrong: string[] = document.checks.filter(({ ok }: Json) => !ok).map(({ name }: Json) => name);
  return { ...text, document, wrong };
};

/** Another server in front, or one that is no Bowline. */
const listen = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
};

describe('bowline doctor', () => {
  it('says that everything is in order, with a key from .env', async () => {
    const dotenv = `BOWLINE_SECRET_KEY_DEV=${platform.apiKey}\n`;
    const { exitCode, output, errors, document } = await doctor({ ...project, '.env': dotenv }, { BOWLINE_SECRET_KEY_DEV: '' });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    for (const name of ['Node', 'Project', 'Compiles', 'Server', 'Clock', 'Key', 'Integrations']) expect(output).toContain(`✓ ${name}  `);
    expect(output).toContain('Everything is in order.');
    expect(output).not.toContain(platform.apiKey);
    expect(document).toMatchObject({ ok: true });
  });

  it.each<[string, () => Parameters<typeof doctor>, string[], string]>([
    ['no project', () => [{}], ['Project'], 'bowline init'],
    [
      'code that does not compile',
      () => [{ 'crm/syncs/items.ts': syncFile({ 'every hour': 'never' }) }],
      ['Compiles'],
      'crm/syncs/items.ts',
    ],
    [
      'an integration that is not there',
      () => [{ ...project, 'erp/syncs/items.ts': syncFile() }],
      ['Integrations'],
      'not in this environment: erp',
    ],
    ['no key', () => [project, { BOWLINE_SECRET_KEY_DEV: '' }], ['Key'], 'Set BOWLINE_SECRET_KEY_DEV'],
    ['a key of another server', () => [project, { BOWLINE_SECRET_KEY_DEV: 'a2b8c1d0-0000-4000-8000-000000000000' }], ['Key'], '(401)'],
    ['nobody listening', () => [project, { BOWLINE_HOST: 'http://127.0.0.1:1' }], ['Server'], 'Cannot reach http://127.0.0.1:1'],
    ['an address that is none', () => [project, { BOWLINE_HOST: 'localhost' }], ['Host'], 'not an http(s) URL'],
  ])('ends with 1 and says what to do: %s', async (_, given, names, advice) => {
    const { exitCode, wrong, output, errors, document } = await doctor(...given());
    expect({ exitCode, wrong }).toEqual({ exitCode: 1, wrong: names });
    expect(output).toContain(advice);
    expect(errors).toContain('to put right');
    expect(document).toMatchObject({ ok: false, error: { exitCode: 1 } });
  });

  it('knows another server from a Bowline', async () => {
    const host = await listen((_, response) => response.end('<html></html>'));
    const { wrong, output } = await doctor(project, { BOWLINE_HOST: host });
    expect(wrong).toEqual(['Server']);
    expect(output).toContain('is not a Bowline server (200)');
  });

  it('tells clocks that are minutes apart', async () => {
    const late = new Date(Date.now() - 600_000).toUTCString();
    const host = await listen(async ({ url, headers }, response) => {
      const answer = await fetch(`${platform.url}${url}`, { headers: { authorization: headers.authorization ?? '' } });
      response.writeHead(answer.status, { 'content-type': 'application/json', date: late }).end(await answer.text());
    });
    const { wrong, output } = await doctor(project, { BOWLINE_HOST: host });
    expect(wrong).toEqual(['Clock']);
    expect(output).toMatch(/✗ Clock {2}\d+ s apart from the server/);
  });

  it('warns of a key that serves every environment', async () => {
    const { exitCode, output } = await doctor(project, { BOWLINE_SECRET_KEY_DEV: '', BOWLINE_SECRET_KEY: platform.apiKey });
    expect(exitCode).toBe(0);
    expect(output).toContain('it belongs to the environment dev');
    expect(output).toContain('BOWLINE_SECRET_KEY is used for every environment. BOWLINE_SECRET_KEY_DEV makes sure');
  });

  it('says when the key is of another environment than the one that was named', async () => {
    const { output } = await doctor(project, { BOWLINE_SECRET_KEY_DEV: '', BOWLINE_SECRET_KEY: platform.apiKey }, ['-e', 'prod']);
    expect(output).toContain('The key from BOWLINE_SECRET_KEY belongs to the environment dev, not to prod.');
  });

  it.each([
    ['20.18.3', false],
    ['20.19.0', true],
    ['18.20.0', false],
    ['24.1.0', true],
  ])('takes Node %s: %s', (version, ok) => {
    expect(checkMachine(version)).toMatchObject({ ok, found: version });
  });
});
