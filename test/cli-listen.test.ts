/** `bowline listen` against a real server: events come to a local app as webhooks that verify, once each and in order, across a restart of the server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bowline } from '@bowline/node';
import { run } from 'bowline/program';
import { expect, it } from 'vitest';
import { makeProject, runCli } from '../packages/cli/test/project.ts';
import { webhookSettings } from '../packages/server/src/environments/settings.ts';
import { publish } from '../packages/server/src/events/publish.ts';
import { eventually, type Platform, startPlatform } from '../packages/server/test/platform.ts';

const say = async (on: Platform, connectionId: string) => {
  const connection = { id: 0, connectionId, providerConfigKey: 'key', provider: 'p', authMode: 'API_KEY' };
  const { environment } = await on.scopeOf('dev');
  await publish(on.world.db, environment.id, 'connection.refresh_failed', {
    ...{ connection, error: { type: 'x', description: 'y' }, tags: {}, endUser: null },
  });
  await publish(on.world.db, environment.id, 'action.completed', { connection, id: 'not-asked-for' });
};

it('brings what happens to an app, signed, in order, across a restart, and says where to go on', async () => {
  let server = await startPlatform({ worker: false });
  const { port } = new URL(server.url);
  const { environment } = await server.scopeOf('dev');
  const client = new Bowline({
    apiKey: server.apiKey,
    webhookSigningKey: (await webhookSettings(server.world, environment.id)).signingKey,
  });
  const came: string[] = [];
  const app = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const event = client.verifyWebhook(body, request.headers, { requireTimestamp: true });
    if ('connectionId' in event && event.connectionId) came.push(event.connectionId);
    response.writeHead(came.length === 1 ? 500 : 204).end();
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  const to = `localhost:${(app.address() as AddressInfo).port}/hooks`.replace('localhost', '127.0.0.1'); // it listens on a port
  let output = '';
  let stop = () => {};
  const io = {
    write: (text: string) => {
      output += text;
    },
    writeError: () => {},
    env: { BOWLINE_HOST: server.url, BOWLINE_SECRET_KEY_DEV: server.apiKey },
    cwd: makeProject({}),
    isTty: false,
    ask: undefined,
    stopping: (listener: () => void) => {
      stop = listener;
    },
  };
  const ended = run(['listen', '--json', '--forward-to', to, '--events', 'connection.*'], io);
  const lines = () =>
    output
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  await eventually(async () => lines().some(({ type }) => type === 'listening'), 'it listens');
  await say(server, 'one');
  await say(server, 'two');
  await eventually(async () => came.length === 2, 'both came');
  await server.stop();
  server = await startPlatform({ database: server.database, worker: false, port: Number(port) });
  await say(server, 'three');
  await eventually(async () => came.length === 3, 'it is back');
  expect(came).toEqual(['one', 'two', 'three']);
  stop();
  expect(await ended).toBe(0);
  const events = lines().filter(({ type }) => type === 'event');
  expect(events.map(({ event, status }) => [event, status])).toEqual([
    ['connection.refresh_failed', 500],
    ['connection.refresh_failed', 204],
    ['connection.refresh_failed', 204],
  ]);
  expect(lines().at(-1)).toMatchObject({ type: 'stopped', cursor: expect.stringMatching(/^\d/) });
  app.close();
});

it('says what is wrong with a key, and with an address', async () => {
  const { url, keyOf } = await startPlatform({ worker: false });
  const poor = await keyOf('dev', ['environment:proxy']);
  const listen = (...words: string[]) =>
    runCli(makeProject({}), ['listen', ...words], { env: { BOWLINE_HOST: url, BOWLINE_SECRET_KEY_DEV: poor } });
  expect(await listen()).toMatchObject({ exitCode: 11, errors: expect.stringContaining('environment:events:read') });
  expect(await listen('--forward-to', 'http://')).toMatchObject({ exitCode: 2 });
});
