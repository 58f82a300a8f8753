/** Trials: the body of a function, run in a pool of sandboxes as the server would run it, with calls and log lines kept. */
import { readdirSync, readFileSync } from 'node:fs';
import type { RunSpec } from '@bowline/api/protocol';
import type { SandboxAnswer, SandboxCall, Sandboxes, SandboxLine } from '@bowline/sandbox/pool';

export const trialSpec: RunSpec = {
  kind: 'action',
  name: 'probe',
  connectionId: 'c1',
  providerConfigKey: 'github',
  provider: 'github',
  environmentId: 1,
  environmentName: 'dev',
  nangoConnectionId: 7,
  activityLogId: 'op1',
  syncJobId: 3,
  variant: 'base',
  models: ['User'],
  isCLI: false,
};

export type Trial = {
  run?: Partial<RunSpec>;
  onCall?: (call: SandboxCall) => Promise<SandboxAnswer>;
  onLog?: (line: SandboxLine) => void;
  owner?: string;
  key?: string;
  timeoutMs?: number;

  signal?: AbortSignal;
};

let owners = 0;

/** Runs `body` as the exec of a function; every trial has its own processes unless it names an owner. */
export async function trial(sandboxes: Sandboxes, body: string, { run, onCall, onLog, owner, key = '', signal, ...limits }: Trial = {}) {
  const lines: SandboxLine[] = [];
  const calls: SandboxCall[] = [];
  const outcome = await sandboxes.run({
    owner: owner ?? `trial ${owners++}`,
    key,
    run: { ...trialSpec, ...run },
    code: body.includes('module.exports') ? body : `module.exports = { exec: async (nango, input) => { ${body} } }`,
    timeoutMs: 20_000,
    ...limits,
    signal: signal ?? new AbortController().signal,
    onLog: onLog ?? ((line) => void lines.push(line)),
    onCall: async (call) => {
      calls.push(call);
      return (await onCall?.(call)) ?? { value: null };
    },
  });
  const output: unknown = outcome.ok ? JSON.parse(outcome.output.toString()) : undefined;
  return { output, error: outcome.ok ? undefined : outcome.error, lines, calls };
}

/** Processes of sandboxes below this one, from /proc. */
export function sandboxProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isSandbox(name))
    .map(Number);
}

function isSandbox(pid: string): boolean {
  try {
    const [, name, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return name === 'deno' && state !== 'Z' && Number(parent) === process.pid;
  } catch {
    return false;
  }
}
