/**
 * One postmaster process and its life: adopted if it answers, else started, restarted when it dies, stopped for good.
 * Readiness is a connection that works, never a line of output. It runs in its own process group,
 * so a Ctrl-C reaches Node first and the server goes down last, after our own work has been written.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { EmbeddedError } from './embedded-error.ts';

export type PostmasterOptions = {
  readonly command: [string, string[]];
  readonly spawn: { uid?: number; gid?: number; cwd: string; env: Record<string, string> };
  readonly data: string;
  readonly socketDir: string;
  readonly logFile: string;
  readonly role: string;
  readonly log: Logger;
};

const START_MS_MAX = 300_000; // recovery after a kill -9 replays up to 4 GB of log: 1.7 took 19 s on two busy cores
const WATCH_MS = 250;

export class Postmaster {
  readonly #options: PostmasterOptions;
  #pid = 0;
  #stopping = false;
  #watch: NodeJS.Timeout | undefined;
  #restart: Promise<void> | undefined;

  constructor(options: PostmasterOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#pid;
  }

  /** Resolves once the server answers. `adopted` when it was not this call that started it. */
  async begin(): Promise<{ adopted: boolean }> {
    const outcome = await this.#bringUp();
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    this.#watch.unref();
    return outcome;
  }

  /** Fast shutdown (open transactions are rolled back, nothing committed is lost), then harsher if it hangs. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    await this.#restart;
    const steps = [
      ['SIGINT', 20_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 5_000],
    ] as const;
    for (const [signal, waitMs] of steps) {
      if (!isPostmaster(this.#pid, this.#options.data)) return;
      if (signal !== 'SIGINT') this.#options.log.warn({ pid: this.#pid, signal }, 'Postgres is slow to stop');
      process.kill(this.#pid, signal);
      await this.#gone(waitMs);
    }
  }

  async #bringUp(): Promise<{ adopted: boolean }> {
    const { data, logFile } = this.#options;
    const deadline = Date.now() + START_MS_MAX;
    let child: ChildProcess | undefined;
    while (Date.now() < deadline) {
      if (await answers(this.#options)) {
        this.#pid = readPid(data) ?? 0;
        return { adopted: child === undefined };
      }
      if (child && child.exitCode !== null) {
        // Backends of a killed postmaster need a moment to notice; until then they hold its shared memory.
        if (!/pre-existing shared memory block|is being used by|lock file ".*" already exists/.test(tail(logFile))) {
          throw new EmbeddedError(`Postgres did not start. The end of ${logFile}:\n${tail(logFile)}`);
        }
        child = undefined;
        await sleep(200);
      }
      const pid = readPid(data);
      if (!child && !(pid && isPostmaster(pid, data))) child = this.#launch();
      await sleep(20);
    }
    throw new EmbeddedError(`Postgres did not answer within ${START_MS_MAX / 1000} s. The end of ${logFile}:\n${tail(logFile)}`);
  }

  #launch(): ChildProcess {
    const { command, spawn: how, data, socketDir, logFile } = this.#options;
    forgetReusedPid(data, [join(data, 'postmaster.pid'), join(socketDir, '.s.PGSQL.5432.lock'), join(socketDir, '.s.PGSQL.5432')]);
    // A file, not a pipe: an orphan writing into the pipe of a dead parent would be killed by SIGPIPE.
    const output = openSync(logFile, 'a', 0o600);
    const child = spawn(command[0], command[1], { ...how, detached: true, stdio: ['ignore', output, output] });
    closeSync(output);
    child.on('error', (error) => this.#options.log.error({ err: error }, 'Postgres could not be spawned'));
    child.unref();
    return child;
  }

  #look(): void {
    if (this.#stopping || this.#restart || isPostmaster(this.#pid, this.#options.data)) return;
    this.#options.log.error({ pid: this.#pid }, 'Postgres died; starting it again');
    this.#restart = this.#bringUp().then(
      () => {
        this.#options.log.info({ pid: this.#pid }, 'Postgres is back');
        this.#restart = undefined;
      },
      (error: unknown) => {
        this.#options.log.error({ err: error }, 'Postgres did not come back; trying again');
        this.#restart = undefined;
      },
    );
  }

  async #gone(waitMs: number): Promise<void> {
    const deadline = Date.now() + waitMs;
    while (Date.now() < deadline && isPostmaster(this.#pid, this.#options.data)) await sleep(10);
  }
}

async function answers({ socketDir, role, data }: PostmasterOptions): Promise<boolean> {
  const client = new Client({ host: socketDir, user: role, database: 'postgres', connectionTimeoutMillis: 5_000 });
  client.on('error', () => {}); // the server may go away between the two steps
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    if (rows[0]?.data_directory === data) return true;
    throw new EmbeddedError(`Another Postgres (data in ${rows[0]?.data_directory}) answers on ${socketDir}; stop it first.`);
  } catch (error) {
    if (error instanceof EmbeddedError) throw error;
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function readPid(data: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A postmaster's working directory is its data folder: that tells it from a stranger who got its number after a reboot. */
function isPostmaster(pid: number, data: string): boolean {
  if (pid <= 0) return false;
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === data;
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Postgres handles the pid of a dead process itself, with a check of its shared memory; a number taken over by a stranger stops it. */
function forgetReusedPid(data: string, files: string[]): void {
  const pid = readPid(data);
  if (!pid || isPostmaster(pid, data)) return;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return;
  }
  for (const file of files) rmSync(file, { force: true });
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').slice(-1500);
}
