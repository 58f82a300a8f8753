/** `bowline logs` against a real server: listed, one shown, and followed while functions write, across a restart. */
import { run } from 'bowline/program';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProject, runCli } from '../packages/cli/test/project.ts';
import { startOperation } from '../packages/server/src/logs/operation.ts';
import { eventually, type Platform, startPlatform } from '../packages/server/test/platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ worker: false });
});
const env = (url = platform.url) => ({ BOWLINE_HOST: url, BOWLINE_SECRET_KEY_DEV: platform.apiKey });
const start = async (name: string, on = platform) =>
  startOperation(on.world, await on.scopeOf('dev'), {
    type: 'sync',
    action: 'run',
    title: `Sync ${name}`,
    integration: 'github',
    connection: 'c-1',
    function: name,
  });

it('lists the newest, narrowed by filters, and shows one with its messages', async () => {
  const one = await start('issues');
  one.log('warn', 'careful\u001b[2J');
  one.end({ state: 'failed', error: 'It broke' });
  (await start('users')).end({ state: 'success' });
  await platform.world.journal.flush();
  const root = makeProject({});
  const listed = await runCli(root, ['logs', '--function', 'issues'], { env: env() });
  expect(listed.exitCode).toBe(0);
  expect(listed.output).toMatch(/failed +github +c-1 +issues +\S+ +Sync issues: It broke/);
  expect(listed.output).not.toContain('Sync users');
  const lines = (await runCli(root, ['logs', '--json', '--since', '10m'], { env: env() })).output.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).operation.function)).toEqual(['users', 'issues']);
  const shown = await runCli(root, ['logs', one.id], { env: env() });
  expect(shown.output).toContain('careful�[2J');
  expect(shown.output).not.toContain('\u001b[2J');
  expect((await runCli(root, ['logs', '--since', 'soon'], { env: env() })).exitCode).toBe(2);
  expect((await runCli(root, ['logs', '--follow', '--state', 'failed'], { env: env() })).exitCode).toBe(2);
});

it('follows what is written meanwhile, once each and in order, across a restart, and ends with 0 when told', async () => {
  let server = await startPlatform({ database: platform.database, worker: false });
  const { port } = new URL(server.url);
  let output = '';
  let errors = '';
  let stop = () => {};
  const write = (text: string) => {
    output += text;
  };
  const ended = run(['logs', '--follow', '--json', '--function', 'followed'], {
    write,
    writeError: (text) => {
      errors += text;
    },
    env: env(server.url),
    cwd: makeProject({}),
    isTty: false,
    ask: undefined,
    stopping: (listener) => {
      stop = listener;
    },
  });
  const entries = () =>
    output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const told = () => entries().flatMap(({ message }) => (message ? [message.message] : []));
  await eventually(async () => errors.includes('Following'), 'it follows');
  const operation = await start('followed');
  for (let n = 0; n < 50; n += 1) {
    operation.log('info', `line ${n}`);
    if (n % 10 === 0) await platform.world.journal.flush();
  }
  await platform.world.journal.flush();
  await eventually(async () => told().length === 50, 'the first lines');
  await server.stop();
  await eventually(async () => errors.includes('does not answer'), 'it is noticed');
  operation.log('info', 'while away');
  const other = await start('followed');
  other.log('info', 'of another');
  other.end({ state: 'success' });
  await platform.world.journal.flush();
  server = await startPlatform({ database: platform.database, worker: false, port: Number(port) });
  await eventually(async () => told().length === 52, 'what was written meanwhile');
  operation.end({ state: 'success' });
  await platform.world.journal.flush();
  await eventually(async () => entries().filter(({ operation: one }) => one?.ended_at).length === 2, 'both have ended');
  expect(told()).toEqual([...Array.from({ length: 50 }, (_, n) => `line ${n}`), 'while away', 'of another']);
  expect(errors.match(/does not answer/g)).toHaveLength(1);
  expect(errors).toContain('answers again');
  stop();
  expect(await ended).toBe(0);
  await server.stop();
}, 120_000);
afterAll(() => platform.stop());
