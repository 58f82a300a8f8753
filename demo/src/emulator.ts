/**
 * The GitHub that the demo works against: the npm package `emulate` in a process of its own, which ends when this one does, kill -9 included.
 * It keeps its data in memory; what was written to it is noted in the data folder and played again at the next start.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EmulatorMessage, EmulatorSettings } from './emulator/main.ts';
import { OWNER_TOKEN } from './emulator/seed.ts';

export type Emulator = {
  /** Such as `http://127.0.0.1:21701`: the REST API at its root, the consent page below /login/oauth. */
  readonly url: string;
  readonly pid: number;
  /** A request as octocat, the owner of the repositories; throws on any status but 2xx. @returns the parsed answer */
  request(method: string, path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
};

export async function startEmulator(settings: EmulatorSettings, progress: (line: string) => void = () => {}): Promise<Emulator> {
  const child = fork(fileURLToPath(new URL('../dist/emulator.js', import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', process.stderr, 'inherit', 'ipc'], // stdout may be a document of the caller's
  });
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The emulator's process ended with ${code} before it was ready`)));
    child.on('message', (message: EmulatorMessage) => {
      if (message.kind === 'progress') progress(message.text);
      if (message.kind === 'failed') reject(new Error(`The GitHub emulator did not start: ${message.reason}`));
      if (message.kind === 'ready') resolve();
    });
    child.send(settings);
  });
  const url = `http://127.0.0.1:${settings.port}`;
  let stopping = false;
  child.once('exit', () => stopping || progress('the GitHub emulator has ended; start again to have it back'));
  return {
    url,
    pid: child.pid ?? 0,
    request: (method, path, body) => request(url, method, path, body),
    stop: async () => {
      stopping = true;
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

async function request(url: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${OWNER_TOKEN}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The emulator answered ${method} ${path} with ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
