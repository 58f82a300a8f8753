/**
 * The process of the GitHub emulator. It is told what to be by its parent's first message, says when it is ready, and ends with its parent:
 * the channel between them closes however the parent dies.
 */
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator } from 'emulate';
import * as z from 'zod';
import { holdClock } from './clock.ts';
import { createGate } from './gate.ts';
import { type Line, openJournal } from './journal.ts';
import { logins, OWNER_TOKEN, repositories, seedActs } from './seed.ts';

const Settings = z.object({
  port: z.number(),
  journal: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  redirectUri: z.string(),
});
export type EmulatorSettings = z.infer<typeof Settings>;
export type EmulatorMessage = { kind: 'progress'; text: string } | { kind: 'ready' } | { kind: 'failed'; reason: string };

const tell = (message: EmulatorMessage) => process.send?.(message);

process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {}); // a terminal's Ctrl-C reaches us too; the parent decides
process.once('message', (message) => {
  run(Settings.parse(message)).catch((error: unknown) => {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    process.disconnect();
  });
});

async function run(settings: EmulatorSettings): Promise<void> {
  const journal = openJournal(settings.journal);
  const innerPort = listenInside();
  await createEmulator({ service: 'github', baseUrl: `http://127.0.0.1:${settings.port}`, seed: seedOf(settings, journal.lines) });
  await playAll(await innerPort, journal.beganAt, journal.lines);
  const gate = createGate(await innerPort, journal);
  await new Promise<void>((resolve, reject) => gate.once('error', reject).listen(settings.port, '127.0.0.1', resolve));
  tell({ kind: 'ready' });
}

/** The emulator opens its port to the whole network and does not say which; here it gets a free one on this machine only. */
function listenInside(): Promise<number> {
  const listen = Server.prototype.listen;
  return new Promise((resolve) => {
    Server.prototype.listen = function (this: Server) {
      Server.prototype.listen = listen;
      return this.listen(0, '127.0.0.1', () => resolve((this.address() as AddressInfo).port)); // listening on TCP
    };
  });
}

function seedOf({ clientId, clientSecret, redirectUri }: EmulatorSettings, lines: readonly Line[]) {
  const scopes = ['repo', 'user'];
  const grants = lines.flatMap((line) => (line.kind === 'grant' ? [[line.token, { login: line.login, scopes }]] : []));
  return {
    tokens: Object.fromEntries([[OWNER_TOKEN, { login: 'octocat', scopes }], ...grants]),
    github: {
      users: logins.map(({ login, name }) => ({ login, name, email: `${login}@example.com` })),
      repos: repositories.map((repository) => ({ ...repository, owner: 'octocat', auto_init: true })),
      oauth_apps: [{ client_id: clientId, client_secret: clientSecret, name: 'Bowline demo', redirect_uris: [redirectUri] }],
    },
  };
}

/** Seeds, then plays what was written since; in order and one at a time, which is what makes ids the same every time. */
async function playAll(port: number, beganAt: number, lines: readonly Line[]): Promise<void> {
  const seeds = seedActs(beganAt);
  const writes = lines.filter((line) => line.kind === 'write');
  tell({ kind: 'progress', text: `filling the GitHub emulator (${seeds.length + writes.length} requests)` });
  for (const { at, method, path, body } of seeds) {
    holdClock(at);
    await act(port, method, path, `Bearer ${OWNER_TOKEN}`, JSON.stringify(body));
  }
  for (const { at, method, path, authorization, body } of writes) {
    holdClock(at);
    await act(port, method, path, authorization, body);
  }
  holdClock(undefined);
}

async function act(port: number, method: string, path: string, authorization: string, body: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === '' ? {} : { body }),
  });
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}
