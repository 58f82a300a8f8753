/**
 * One sandbox process: spawning it, frames in and out, and killing it. Knows one run at a time.
 * Whatever the process does (crash, garbage on the pipe, silence, too much memory) ends in one outcome; nothing it does throws in this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { encodeHead, type Frame, FrameError, FrameReader } from '@bowline/api/frames';
import type { HostMessage, RunErrorType } from '@bowline/api/protocol';
import { type SandboxMessage, sandboxMessage } from '@bowline/api/sandbox-message';

export type Spawning = { deno: string; args: string[]; cwd: string; env: Record<string, string> };
export type Ending = { type: RunErrorType; message: string };
export type Listener = { message(message: SandboxMessage, body: Uint8Array): void; ended(ending: Ending): void };

const stderrKept = 4096;
/** The runner cuts what it logs and how it failed to a fifth of this; whoever writes more writes past it. Calls carry lists of ids and may be longer. */
const wordBytesMax = 1024 * 1024;
/** What Linux counts processor time in, on every machine that Deno runs on. */
const msPerTick = 10;

export class SandboxProcess {
  readonly pid: number | undefined;
  private readonly child: ChildProcess;
  private listener: Listener | undefined;
  private ending: Ending | undefined;
  private stderr = '';
  private readonly holders = new Set<symbol>();
  private dead = false;
  private bytes: number | undefined;
  private draining: Promise<void> | undefined;
  /** Resolves when the process is gone, whatever the reason. */
  readonly whenGone: Promise<void>;
  private onGone: () => void = () => undefined;

  constructor({ deno, args, cwd, env }: Spawning) {
    // A group of its own: Ctrl-C in a terminal reaches us alone, and we end the runs in order.
    this.child = spawn(deno, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.pid = this.child.pid;
    this.whenGone = new Promise((resolve) => {
      this.onGone = resolve;
    });
    const frames = new FrameReader((frame) => this.receive(frame));
    this.child.stdout?.on('data', (chunk: Buffer) => {
      try {
        if (this.ending === undefined) frames.push(chunk);
      } catch (error) {
        this.violated(error);
      }
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString('utf8')).slice(-stderrKept);
    });
    // A dead reader is reported by 'close'; without a listener EPIPE would end this process.
    this.child.stdin?.on('error', () => undefined);
    this.child.on('error', (error) =>
      this.gone({ type: 'function_runtime_other', message: `The sandbox could not start: ${error.message}` }),
    );
    this.child.on('close', (code, signal) => this.gone(this.crash(code, signal)));
  }

  get alive(): boolean {
    return !this.dead && this.ending === undefined;
  }

  listen(listener: Listener | undefined): void {
    this.listener = listener;
    if (listener !== undefined && !this.alive) listener.ended(this.ending ?? this.crash(null, null));
  }

  /** Resolves when the pipe can take more, so that answers never pile up in this process. Rejects, with nothing sent, what makes no frame. */
  async send(message: HostMessage, body?: Uint8Array): Promise<void> {
    const stdin = this.child.stdin;
    if (!this.alive || stdin === null || stdin.destroyed) return;
    const head = encodeHead(message, body?.byteLength ?? 0);
    stdin.cork();
    let open = stdin.write(head);
    if (body !== undefined && body.byteLength > 0) open = stdin.write(body);
    stdin.uncork();
    if (!open) await this.drained(stdin);
  }

  /** One wait for all: dozens of answers may be on their way to a process that does not read. */
  private drained(stdin: Writable): Promise<void> {
    this.draining ??= new Promise((resolve) => {
      const go = () => {
        stdin.off('drain', go).off('close', go);
        this.draining = undefined;
        resolve();
      };
      stdin.on('drain', go).on('close', go);
    });
    return this.draining;
  }

  /** Stops reading, which blocks the authored code at its next call, until all who hold it have let go. @returns what lets go */
  hold(): () => void {
    const mine = Symbol();
    this.holders.add(mine);
    this.child.stdout?.pause();
    return () => {
      if (this.holders.delete(mine) && this.holders.size === 0) this.child.stdout?.resume();
    };
  }

  kill(ending: Ending): void {
    if (this.ending === undefined && !this.dead) {
      this.ending = ending;
      this.listener?.ended(ending);
    }
    this.child.kill('SIGKILL');
    this.holders.clear();
    this.child.stdout?.resume();
  }

  /** Resident memory in bytes; undefined where /proc is not there or the process is gone. */
  residentBytes(): number | undefined {
    if (this.pid === undefined || this.dead || process.platform !== 'linux') return undefined;
    try {
      this.bytes = Number(readFileSync(`/proc/${this.pid}/statm`, 'latin1').split(' ')[1]) * 4096;
    } catch {
      this.bytes = undefined;
    }
    return this.bytes;
  }

  /** What it was at the last look: to look takes a fortieth of what a short run takes here. */
  get lastBytes(): number {
    return this.bytes ?? 0;
  }

  /** Processor time of all its threads so far, in milliseconds; undefined where /proc is not there or the process is gone. */
  cpuMs(): number | undefined {
    if (this.pid === undefined || this.dead || process.platform !== 'linux') return undefined;
    try {
      const stat = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
      // The name, second, may hold anything; after it `utime` and `stime` are the 12th and 13th.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * msPerTick;
    } catch {
      return undefined;
    }
  }

  private receive(frame: Frame): void {
    const parsed = sandboxMessage.safeParse(frame.header);
    if (!parsed.success) throw new FrameError('The sandbox sent a message that is not in the protocol.');
    if (parsed.data.type !== 'call' && frame.headerBytes > wordBytesMax)
      throw new FrameError(`The sandbox sent a message of ${frame.headerBytes} bytes; it may have ${wordBytesMax}.`);
    this.listener?.message(parsed.data, frame.body);
  }

  private violated(error: unknown): void {
    const message = error instanceof FrameError ? error.message : 'The sandbox could not be understood.';
    this.kill({ type: 'function_runtime_other', message: `${message} It was stopped.` });
  }

  private gone(ending: Ending): void {
    if (this.dead) return;
    this.dead = true;
    if (this.ending === undefined) {
      this.ending = ending;
      this.listener?.ended(ending);
    }
    this.onGone();
  }

  private crash(code: number | null, signal: NodeJS.Signals | null): Ending {
    const outOfMemory = /out of memory|heap limit|allocation failed/i.test(this.stderr) || signal === 'SIGKILL';
    if (outOfMemory) return outOfMemoryEnding;
    return { type: 'function_runtime_other', message: `The sandbox ended unexpectedly (${signal ?? `code ${code}`}).` };
  }

  /** The end of what it wrote to stderr, for the server's log. */
  get lastWords(): string {
    return this.stderr;
  }
}

export const outOfMemoryEnding: Ending = {
  type: 'function_runtime_out_of_memory',
  message: 'The function used more memory than it may have. Process and save data in smaller pieces instead of collecting it.',
};
