/**
 * The platform that `bowline dev` works with: one that runs on the folder already, else its own, as a child that ends with the command.
 * It is the server as it is deployed, with the settings of this machine left out: a DATABASE_URL in the shell is another's database.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Target } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { remoteOf } from '../remote/server.ts';
import { toolbox } from '../toolbox.ts';
import { makePlace, type Note, noteSchema, readNote, writeNote } from './place.ts';

export type Platform = Note & {
  /** Started by another command, which it ends with. */
  readonly attached: boolean;
  /** Resolves when a platform of our own ends without being told to. */
  readonly lost: Promise<void>;
  stop(): Promise<void>;
};
type Options = {
  readonly root: string;
  readonly folder: string;
  readonly port: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: (line: string) => void;
  /** While it starts; once it runs, `stop` ends it. */
  readonly signal: AbortSignal;
};

const firstPort = 3003;
/** A second command may come while the first one's database is made. */
const attachMsMax = 60_000;
const stopMsMax = 8_000;

/** @throws Failure that says why it does not run, and where its log is */
export const openPlatform = async (options: Options): Promise<Platform> => {
  const { root, folder } = options;
  makePlace(root, folder);
  const before = await attach(folder);
  if (before) return before;
  for (let port = await freePort(options.port, folder); ; port = await freePort(options.port, folder, port + 1)) {
    const outcome = await start(options, port);
    if ('platform' in outcome) return outcome.platform;
    if (outcome.failed.name === 'HomeTakenError') return waitFor(folder, outcome.failed.said);
    // Somebody took the port since we looked.
    if (outcome.failed.code !== 'EADDRINUSE' || options.port !== undefined) throw explain(outcome.failed, folder);
  }
};

/** The local environment is `dev`; its key is the note's. */
export const targetOf = ({ url, apiKey }: Note): Target => ({
  host: url,
  secretKey: apiKey,
  keySource: 'the local Bowline',
  environment: 'dev',
});

/** Only who takes the note's key is the one of the note. */
const attach = async (folder: string): Promise<Platform | undefined> => {
  const note = readNote(folder);
  if (!note) return undefined;
  const { api } = remoteOf(targetOf(note));
  try {
    await api.integrations.list({ query: {} });
  } catch {
    return undefined;
  }
  return { ...note, attached: true, lost: new Promise(() => {}), stop: async () => {} };
};

const waitFor = async (folder: string, said: string): Promise<Platform> => {
  for (const end = performance.now() + attachMsMax; performance.now() < end; await sleep(100)) {
    const platform = await attach(folder);
    if (platform) return platform;
  }
  throw new Failure(exitCodes.other, said.replace('BOWLINE_HOME', '--data'));
};

const failedSchema = z.object({ name: z.string(), code: z.string(), message: z.string(), said: z.string() });
type Failed = z.infer<typeof failedSchema>;
const messageSchema = z.union([z.object({ progress: z.string() }), z.object({ failed: failedSchema }), z.object({ running: noteSchema })]);

const start = async ({ folder, env, progress, signal }: Options, port: number): Promise<{ platform: Platform } | { failed: Failed }> => {
  const output = openSync(join(folder, logFile), 'a', 0o600);
  const child = fork(toolbox.devPlatformPath(), [toolbox.serverPath(), folder], {
    env: { ...own(env), PORT: String(port) },
    stdio: ['ignore', output, output, 'ipc'],
    execArgv: [],
  });
  closeSync(output);
  const exited = once(child, 'exit').then(() => {});
  const cancel = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', cancel);
  const outcome = await new Promise<{ note: Note } | { failed: Failed }>((resolve) => {
    child.on('message', (message) => {
      const told = messageSchema.parse(message);
      if ('progress' in told) progress(told.progress);
      else if ('failed' in told) resolve({ failed: told.failed });
      else resolve({ note: told.running });
    });
    child.once('exit', (code, signal) =>
      resolve({ failed: { name: '', code: '', said: '', message: `It ended with ${signal ?? code}.` } }),
    );
  });
  signal.removeEventListener('abort', cancel);
  if ('failed' in outcome) return outcome;
  writeNote(folder, outcome.note);
  return { platform: { ...outcome.note, attached: false, lost: exited, stop: () => stop(child, exited) } };
};

const logFile = 'platform.log';

/** What a developer may want to give it on purpose. */
const passed = [
  'BOWLINE_LOG_LEVEL',
  'BOWLINE_OUTBOUND_ALLOW',
  'BOWLINE_OUTBOUND_CA',
  'BOWLINE_SHARED_APPS',
  'BOWLINE_PROVIDERS',
  'BOWLINE_LOGOS',
];

const own = (env: Options['env']): Record<string, string> => {
  const kept = Object.entries(env).filter(
    ([name, value]) => value !== undefined && (passed.includes(name) || !/^(BOWLINE_|NANGO_|DATABASE_URL$|PORT$|NODE_OPTIONS$)/.test(name)),
  );
  return {
    BOWLINE_LOG_LEVEL: 'warn',
    BOWLINE_SHUTDOWN_SECONDS: '3',
    ...Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
  };
};

/** First it may finish what it does; then not. */
const stop = async (child: ChildProcess, exited: Promise<void>): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
  await exited;
  clearTimeout(late);
};

const explain = ({ message, said, code }: Failed, folder: string): Failure => {
  if (code === 'EADDRINUSE')
    return new Failure(exitCodes.usage, 'The port is taken. Choose another one with --port, or none: the next free one is found.');
  const text = (said || message)
    .replace(/Set BOWLINE_HOME to a folder/, 'Choose a folder with --data')
    .replaceAll('BOWLINE_HOME', '--data');
  return new Failure(exitCodes.other, `The local Bowline did not start. ${text}\nIts log: ${join(folder, logFile)}`);
};

/** Where it was the last time, when that is free: callbacks registered at providers name the port. */
const freePort = async (wanted: number | undefined, folder: string, from?: number): Promise<number> => {
  if (wanted !== undefined) return wanted;
  const last = Number(new URL(readNote(folder)?.url ?? `http://localhost:${firstPort}`).port);
  if (from === undefined && (await isFree(last))) return last;
  for (let port = from ?? firstPort; port < 65_536; port++) if (await isFree(port)) return port;
  throw new Failure(exitCodes.other, `No port from ${firstPort} up is free. Choose one with --port.`);
};

/** On the addresses that the server listens on; a port that is taken on one family only is taken. */
const isFree = async (port: number): Promise<boolean> => {
  for (const host of ['::', '0.0.0.0']) {
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        resolve(host === '::' && error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
      );
      server.listen({ port, host, exclusive: true }, () => resolve(true));
    });
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    if (!free) return false;
  }
  return true;
};
