/**
 * A host to be killed by `sandbox.test.ts`: one function that spins, one that waits, one blank process; prints their ids as one line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createSandboxes } from '@bowline/sandbox/pool';
import pino from 'pino';

const runnerPath = process.argv[2] ?? '';
const sandboxes = createSandboxes({ log: pino({ level: 'silent' }), runnerPath, warm: 1 });
const run = {
  kind: 'action',
  name: 'spin',
  connectionId: 'c',
  providerConfigKey: 'p',
  provider: 'p',
  environmentId: 1,
  environmentName: 'dev',
  nangoConnectionId: 1,
  activityLogId: 'o',
  variant: 'base',
  models: [],
  isCLI: false,
} as const;

let started = 0;
for (const body of ['for (;;) {}', 'await new Promise(() => {})']) {
  void sandboxes.run({
    owner: body,
    run: { ...run, models: [] },
    code: `module.exports = { exec: async (nango) => { await nango.getToken(); ${body} } }`,
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    onLog: () => undefined,
    onCall: async () => {
      started += 1;
      if (started === 2) setTimeout(() => console.log(JSON.stringify(children())), 200);
      return { value: 'token' };
    },
  });
}

function children(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === process.pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
