/**
 * `bowline start`: the platform in this very process, as a supervisor wants it: a signal stops it in good order, a second one at once.
 * Settings are those of docs/configuration.md; the flags stand before them.
 */
import { pathToFileURL } from 'node:url';
import { exitCodes, Failure } from '../failure.ts';
import type { Terminal } from '../terminal.ts';
import { toolbox } from '../toolbox.ts';

export type StartOptions = { role?: string; port?: number };
type Running = { url: string; stop(): Promise<void> };
type Server = { start(options: { env: Record<string, string | undefined> }): Promise<Running> };

export const startCommand = async ({ role, port }: StartOptions, terminal: Terminal): Promise<void> => {
  const { env } = terminal.io;
  const told = new Promise<void>((resolve) => terminal.io.stopping?.(resolve));
  const { start }: Server = await import(pathToFileURL(toolbox.serverPath()).href); // built from packages/server/src/main.ts
  const running = await start({
    env: {
      ...env,
      BOWLINE_DEMO: '0',
      ...(role === undefined ? {} : { BOWLINE_ROLES: role }),
      ...(port === undefined ? {} : { PORT: String(port) }),
    },
  }).catch((error: unknown) => Promise.reject(explained(error)));
  const roles = role ?? env.BOWLINE_ROLES ?? 'all';
  terminal.line({ type: 'started', url: running.url, version: toolbox.version, roles });
  terminal.print(`Bowline ${toolbox.version} runs (${roles}), process ${process.pid}. ${running.url}`);
  await told;
  await running.stop();
  terminal.line({ type: 'stopped' });
};

/** What its operator can mend says how; anything else is ours, and needs its trace. */
const explained = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  if ('code' in error && error.code === 'EADDRINUSE')
    return new Failure(exitCodes.usage, 'The port is taken. Choose another one with --port.');
  return expected.has(error.name) ? new Failure(exitCodes.usage, error.message) : error;
};
const expected = new Set(['ConfigError', 'HomeTakenError', 'EmbeddedError', 'CatalogueError', 'MigrationError']);
