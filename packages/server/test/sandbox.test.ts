import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CallError, type RunSpec } from '@bowline/api/protocol';
import {
  createSandboxes,
  type SandboxAnswer,
  type SandboxCall,
  type Sandboxes,
  type SandboxJob,
  type SandboxLine,
} from '@bowline/sandbox/pool';
import { build as bundle, transform } from 'esbuild';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../runner/build.mjs';
import { trialSpec } from './sandbox-trial.ts';

const log = pino({ level: 'silent' });
const here = dirname(fileURLToPath(import.meta.url));
let runnerPath: string;
let sandboxes: Sandboxes;

beforeAll(async () => {
  runnerPath = await build();
  sandboxes = createSandboxes({ log, runnerPath, warm: 2, graceMs: 300, pictureFrom: 0 });
});
afterAll(() => sandboxes.close());

type Trial = {
  run?: Partial<RunSpec>;
  onCall?: (call: SandboxCall) => Promise<SandboxAnswer>;
  key?: string;
  timeoutMs?: number;
  cpuMs?: number;
  signal?: AbortSignal;
};

let keys = 0;
/** Runs `body` as the exec of a function; every trial has its own processes unless it names a key. */
async function trial(body: string, { run, onCall, key, timeoutMs, cpuMs, signal }: Trial = {}) {
  const lines: SandboxLine[] = [];
  const calls: SandboxCall[] = [];
  const job: SandboxJob = {
    owner: key ?? `trial ${keys++}`,
    run: { ...trialSpec, ...run },
    code: body.includes('module.exports') ? body : `module.exports = { exec: async (nango, input) => { ${body} } }`,
    timeoutMs: timeoutMs ?? 20_000,
    ...(cpuMs === undefined ? {} : { cpuMs }),
    signal: signal ?? new AbortController().signal,
    onLog: (line) => void lines.push(line),
    onCall: async (call) => {
      calls.push(call);
      return (await onCall?.(call)) ?? { value: null };
    },
  };
  const outcome = await sandboxes.run(job);
  const output: unknown = outcome.ok ? JSON.parse(outcome.output.toString()) : undefined;
  const error = outcome.ok ? undefined : outcome.error;
  return { output, error, lines, calls };
}

describe('a function runs', () => {
  test('with its input, and answers with its output', async () => {
    expect(await trial('return { doubled: input.n * 2 }', { run: { input: { n: 21 } } })).toMatchObject({ output: { doubled: 42 } });
  });

  test('with an empty object for no input, undefined for a void input, and falsy inputs unchanged', async () => {
    expect(await trial('return input')).toMatchObject({ output: {} });
    const voided = `const { z } = require('zod'); module.exports = { default: { input: z.void(), exec: (nango, input) => input === undefined } }`;
    expect(await trial(voided)).toMatchObject({ output: true });
    expect(await trial('return input', { run: { input: 0 } })).toMatchObject({ output: 0 });
  });

  test('from a default-exported function, and from a definition wrapped by a create function', async () => {
    expect(await trial('module.exports.default = async (nango, input) => nango.connectionId')).toMatchObject({ output: 'c1' });
    const wrapped = `const { createAction } = require('nango'); module.exports = { default: createAction({ exec: () => 'wrapped' }) }`;
    expect(await trial(wrapped)).toMatchObject({ output: 'wrapped' });
  });

  test('as a webhook handler with its payload, of either export shape', async () => {
    const run = { kind: 'webhook' as const, payload: { id: 9 } };
    const modern = await trial(`module.exports.default = { onWebhook: (nango, payload) => nango.log('got ' + payload.id) }`, { run });
    expect(modern.lines).toMatchObject([{ level: 'info', message: 'got 9' }]);
    const legacy = await trial(`module.exports.onWebhookPayloadReceived = (nango, payload) => nango.log('got ' + payload.id)`, { run });
    expect(legacy.lines).toMatchObject([{ message: 'got 9' }]);
    const missing = await trial('module.exports.default = { exec: () => 1 }', { run });
    expect(missing.error?.message).toContain('Missing onWebhook function');
  });

  test('with the allowed modules and globals, and no others', async () => {
    const { output } = await trial(`
      const crypto = require('node:crypto'), url = require('url'), { Buffer: B } = require('buffer'), { z } = require('zod');
      return [crypto.createHash('sha256').update('a').digest('hex').slice(0, 6), new url.URL('https://a.b/c').pathname, B.from('hi').toString('base64'),
        z.string().safeParse(1).success, btoa('x'), structuredClone({ a: 1 }).a, typeof crypto.randomUUID(), typeof globalThis.crypto.randomUUID(),
        new TextEncoder().encode('é').length, typeof AbortController, typeof clearTimeout, global === globalThis, Object.keys(process.env).length]`);
    expect(output).toEqual(['ca9781', '/c', 'aGk=', false, 'eA==', 1, 'string', 'string', 2, 'function', 'function', true, 0]);
    expect((await trial(`require('fs')`)).error?.message).toBe(`Module 'fs' is not allowed`);
  });

  test('with its console in the activity log', async () => {
    const { lines } = await trial(
      `console.debug('d'); console.log('one', { two: 2 }); console.error(new Error('bad')); nango.log('m', [1, 2], { level: 'warn' })`,
    );
    expect(lines.map(({ level, message }) => [level, message])).toMatchObject([
      ['debug', 'd'],
      ['info', 'one {"two":2}'],
      ['error', expect.stringContaining('bad')],
      ['warn', 'm'],
    ]);
    expect(lines[3]?.meta).toEqual({ 0: 1, 1: 2 });
  });

  test('without record methods in an action and with them in a sync', async () => {
    expect(await trial('return [typeof nango.batchSave, typeof nango.saveCheckpoint]')).toMatchObject({
      output: ['undefined', 'function'],
    });
    const { lines } = await trial(`nango.log([typeof nango.batchSave, nango.lastSyncDate instanceof Date, nango.variant].join())`, {
      run: { kind: 'sync', lastSyncDate: '2026-01-01T00:00:00.000Z' },
    });
    expect(lines[0]?.message).toBe('function,true,base');
  });
});

describe('authored code is shut in', () => {
  const attempt = (expression: string) =>
    trial(`const nothing = new Promise((_, no) => setTimeout(() => no('no answer'), 1500));
      try { return { reached: String(await Promise.race([${expression}, nothing])) } } catch (error) { return { blocked: String(error) } }`);

  test.each([
    ['the Deno global', `Deno`],
    ['Deno through a Function constructor', `(async () => {}).constructor('return Deno')()`],
    ['Deno through the global object', `(() => { const d = (0, eval)('this').Deno; if (!d) throw 'none'; return d })()`],
    ['fetch', `fetch('http://127.0.0.1:1/')`],
    ['WebSocket', `new WebSocket('ws://127.0.0.1:1/')`],
    ['Worker', `new Worker('data:text/javascript,1', { type: 'module' })`],
    ['a file through node:fs', `import('node:fs').then((fs) => fs.readFileSync('/etc/passwd', 'utf8'))`],
    ['a file through node:fs/promises', `import('node:fs/promises').then((fs) => fs.readFile('/etc/passwd', 'utf8'))`],
    ['writing a file', `import('node:fs').then((fs) => fs.writeFileSync('/tmp/bowline-escape', 'x') ?? 'written')`],
    ['a file as a module', `import('file:///etc/hostname')`],
    [
      'a socket through node:net',
      `import('node:net').then((net) => new Promise((ok, no) => net.connect(${process.pid % 2 ? 22 : 80}, '127.0.0.1').on('connect', ok).on('error', no)))`,
    ],
    ['a name lookup', `import('node:dns/promises').then((dns) => dns.lookup('localhost'))`],
    [
      'HTTP through node:http',
      `import('node:http').then((http) => new Promise((ok, no) => http.get('http://127.0.0.1:1/', ok).on('error', no)))`,
    ],
    ['a child process', `import('node:child_process').then((cp) => cp.execSync('id'))`],
    ['killing the host', `import('node:process').then((p) => p.default.kill(p.default.ppid, 0) && 'killed')`],
    ['the host name', `import('node:os').then((os) => os.hostname())`],
    ['a remote module', `import('https://example.com/x.js')`],
    ['an npm module', `import('npm:is-odd@3')`],
    ['a jsr module', `import('jsr:@std/path')`],
    ['native code', `import('node:process').then((p) => p.default.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6') ?? 'loaded')`],
  ])('it does not reach %s', async (_what, expression) => {
    const { output, error } = await attempt(expression);
    expect(error).toBeUndefined();
    expect(output).toHaveProperty('blocked');
    expect(existsSync('/tmp/bowline-escape')).toBe(false);
  });

  /** The global is hidden, not guarded: code that patches what the runner uses does get hold of it. What then holds is the process's lack of permissions. */
  const withDeno = (expression: string) =>
    attempt(`(() => {
      const real = Object.defineProperty;
      let Deno;
      Object.defineProperty = (target, name, given) => { if (name === 'Deno') Deno = given.value; return real(target, name, given); };
      require('crypto');
      Object.defineProperty = real;
      if (!Deno) return 'the trick no longer works';
      return (async () => (${expression}))();
    })()`);

  test.each([
    ['read a file', `Deno.readTextFile('/etc/passwd')`],
    ['write a file', `Deno.writeTextFile('/tmp/bowline-escape', 'x')`],
    ['connect', `Deno.connect({ hostname: '127.0.0.1', port: 22 })`],
    ['connect to a Unix socket', `Deno.connect({ transport: 'unix', path: '/tmp/x.sock' })`],
    ['listen', `Deno.listen({ port: 21199 })`],
    ['resolve a name', `Deno.resolveDns('localhost', 'A')`],
    ['spawn', `new Deno.Command('/usr/bin/id').output()`],
    ['kill the host', `Deno.kill(Deno.ppid, 'SIGKILL')`],
    ['read the environment', `Deno.env.get('PATH') ?? Promise.reject('empty')`],
    ['load native code', `Deno.dlopen('/lib/x86_64-linux-gnu/libc.so.6', {})`],
    ['see the system', `Deno.hostname()`],
    [
      'ask for a permission',
      `Deno.permissions.request({ name: 'read' }).then(({ state }) => state === 'granted' ? state : Promise.reject(state))`,
    ],
  ])('even with Deno in hand it cannot %s', async (_what, expression) => {
    const { output, error } = await withDeno(expression);
    expect(error).toBeUndefined();
    expect(output).toEqual({ blocked: expect.stringMatching(/NotCapable|PermissionDenied|denied|empty|prompt/) });
    expect(existsSync('/tmp/bowline-escape')).toBe(false);
  });

  test('it sees no environment variables, by any road', async () => {
    const { output } = await attempt(
      `import('node:process').then((p) => JSON.stringify([p.default.env.PATH ?? null, p.default.env.HOME ?? null, process.env.PATH ?? null]))`,
    );
    expect(JSON.stringify(output)).not.toContain('/usr');
    expect(JSON.stringify(output)).not.toContain('bowline');
  });
});

describe('what one run leaves behind is gone for the next', () => {
  test('even in the same process: globals, patched built-ins and module state are fresh', async () => {
    const body = `const before = [globalThis.mark ?? null, [].extra ?? null, JSON.parse('1'), typeof leaked];
      globalThis.mark = 'dirty'; Array.prototype.extra = 'dirty'; JSON.parse = () => 'dirty'; require('zod').extra = 1; leaked = 1; return before`;
    const reusedBefore = sandboxes.stats().reused;
    const first = await trial(body, { key: 'same' });
    await expect.poll(() => sandboxes.stats().cleaning, { timeout: 10_000 }).toBe(0);
    const second = await trial(body, { key: 'same' });
    expect([first.output, second.output]).toEqual([
      [null, null, 1, 'undefined'],
      [null, null, 1, 'undefined'],
    ]);
    expect(sandboxes.stats().reused).toBe(reusedBefore + 1);
  });

  test('timers and promises of a finished run send nothing into the next', async () => {
    await trial(`setInterval(() => { try { nango.log('ghost') } catch {} }, 1); setTimeout(() => nango.getToken(), 5); return 1`, {
      key: 'ghost',
    });
    const next = await trial(`await new Promise((go) => setTimeout(go, 60)); return 2`, { key: 'ghost' });
    expect(next).toMatchObject({ output: 2, lines: [], calls: [] });
  });

  test('a process in which something still spins is not used again', async () => {
    const spin = 'setTimeout(() => { for (;;) {} }, 0); await null; return process.pid ?? 1';
    const nested = `let deno; const define = Object.defineProperty;
      Object.defineProperty = (target, name, given) => { if (name === 'Deno') deno = given.value; return define(target, name, given) };
      require('crypto'); Object.defineProperty = define; globalThis.Deno = deno;
      const { Worker } = await import('node:worker_threads'); new Worker('for (;;) {}', { eval: true }); await new Promise((go) => setTimeout(go, 300)); return 1`;
    for (const body of [
      spin,
      nested,
      'Promise.resolve().then(() => Promise.resolve()).then(() => setTimeout(() => { for (;;) {} })); return 1',
    ]) {
      expect(await trial(body, { key: body })).toMatchObject({ output: 1 });
      expect(await trial(body, { key: body })).toMatchObject({ output: 1 });
    }
    // What spins does so for ever; processes that get ready for the next run are busy for a while.
    const ticksOfHalfASecond = async () => {
      const before = busyTicks();
      await new Promise((go) => setTimeout(go, 500));
      return busyTicks() - before;
    };
    await expect.poll(ticksOfHalfASecond, { timeout: 30_000 }).toBeLessThan(25);
  });

  test('other owners, and other code of the same owner, get other processes', async () => {
    const reusedBefore = sandboxes.stats().reused;
    await trial('return 1', { key: 'k' });
    await trial('return 2', { key: 'k' });
    await trial('return 1', { key: 'other' });
    expect(sandboxes.stats().reused).toBe(reusedBefore);
  });
});

describe('a function that misbehaves ends alone', () => {
  test('an endless loop is stopped at its timeout while this process stays responsive', async () => {
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 5);
    const { error } = await trial('for (;;) {}', { timeoutMs: 1500 });
    clearInterval(ticking);
    expect(error?.type).toBe('execution_timeout');
    expect(ticks).toBeGreaterThan(10);
  });

  test('processor time is counted: one that spins within its time is stopped, one that waits as long is not', async () => {
    const spinning = await trial('for (;;) {}', { cpuMs: 300, timeoutMs: 60_000 });
    expect(spinning.error).toMatchObject({ type: 'execution_timeout', message: expect.stringContaining('processor time') });
    const waiting = await trial('await new Promise((go) => setTimeout(go, 2500)); return 1', { cpuMs: 2000, timeoutMs: 60_000 });
    expect(waiting).toMatchObject({ output: 1 });
  });

  test('the processor time of a process that is used again is counted from the start of each run', async () => {
    const body = 'const until = performance.now() + 250; while (performance.now() < until) {} return process.pid ?? 1';
    for (let turn = 0; turn < 4; turn++) {
      expect(await trial(body, { key: 'counted', cpuMs: 900 })).toMatchObject({ output: 1 });
      await expect.poll(() => sandboxes.stats().cleaning, { timeout: 10_000 }).toBe(0);
    }
  });

  test('a promise that never settles is stopped at its timeout', async () => {
    expect((await trial('await new Promise(() => {})', { timeoutMs: 200 })).error?.type).toBe('execution_timeout');
  });

  test('a full heap', async () => {
    const { error } = await trial('const all = []; for (;;) all.push(new Array(1000).fill(all.length))');
    expect(error?.type).toBe('function_runtime_out_of_memory');
  });

  test('memory outside the heap', async () => {
    const { error } = await trial(
      'const all = []; for (let i = 0; i < 100; i++) { all.push(new Uint8Array(1e7).fill(1)); await new Promise((go) => setTimeout(go, 5)) } return all.length',
    );
    expect(error?.type).toBe('function_runtime_out_of_memory');
  });

  test('one array of a gigabyte', async () => {
    const { error } = await trial(
      'const big = new Uint8Array(2 ** 30).fill(1); await new Promise((go) => setTimeout(go, 2000)); return big.length',
    );
    expect(error?.type).toBe('function_runtime_out_of_memory');
  });

  test('an enormous output', async () => {
    const { error } = await trial('return "x".repeat(2 ** 29 - 100)');
    expect(['function_runtime_out_of_memory', 'script_output_too_large', 'invalid_action_output']).toContain(error?.type);
    expect((await trial('return "x".repeat(3 * 1024 * 1024)')).error?.type).toBe('script_output_too_large');
    expect((await trial('return "x".repeat(1024 * 1024)')).output).toHaveLength(1024 * 1024);
  });

  test('garbage on the pipe', async () => {
    const { error, output } = await trial(
      `const p = (await import('node:process')).default; p.stdout.write('garbage, not a frame at all'); await new Promise((go) => setTimeout(go, 1000)); return 'unharmed'`,
    );
    if (output !== 'unharmed') expect(['function_runtime_other', 'script_internal_error']).toContain(error?.type);
  });

  test('leaving the process', async () => {
    const { error } = await trial(`(await import('node:process')).default.exit(0); await new Promise(() => {})`, { timeoutMs: 1000 });
    expect(error).toBeDefined();
  });

  test('a flood of calls is answered 64 at a time, and completely', async () => {
    let now = 0;
    let most = 0;
    const onCall = async () => {
      most = Math.max(most, ++now);
      await new Promise((go) => setTimeout(go, 2));
      now--;
      return { value: 'token' };
    };
    const { output } = await trial('return (await Promise.all(Array.from({ length: 2000 }, () => nango.getToken()))).length', { onCall });
    expect(output).toBe(2000);
    // One chunk of the pipe may hold more frames than the limit by the time reading stops.
    expect(most).toBeLessThan(2000);
  });

  test('a flood of log lines is taken at a pace that leaves time for others, and a call is answered in the middle of it', async () => {
    const started = performance.now();
    const { output, lines } = await trial(
      `for (let n = 0; n < 20000; n++) console.log(n); const token = await nango.getToken(); console.log('last'); return token`,
      { onCall: async () => ({ value: 'token' }), timeoutMs: 60_000 },
    );
    expect(output).toBe('token');
    expect(lines.at(-1)?.message).toBe('last');
    expect(lines).toHaveLength(20_001);
    // A lower bound, which a busy machine cannot break: of the second ten thousand, each thousand is waited for, a few at a time.
    expect(performance.now() - started).toBeGreaterThan(200);
  });

  test('a cancelled run fails at its next call, and one that makes none is killed', async () => {
    const stop = new AbortController();
    const polite = await trial('for (;;) { await nango.getToken() }', {
      signal: stop.signal,
      onCall: async () => ({ value: stop.abort() }),
    });
    expect(polite.error?.type).toBe('script_aborted');
    const hard = new AbortController();
    const rude = trial(`nango.log('spinning'); await nango.getToken(); for (;;) {}`, {
      signal: hard.signal,
      onCall: async () => ({ value: Number(setTimeout(() => hard.abort(), 50)) }),
    });
    expect((await rude).error?.type).toBe('script_aborted');
  });

  test('a host that is killed leaves no process behind, not even one that spins', async () => {
    const script = join(here, '..', 'dist', 'test', 'sandbox-host.mjs');
    await bundle({
      entryPoints: [join(here, 'sandbox-host.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['pino', 'zod'],
    });
    const host = spawn(process.execPath, [script, runnerPath], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pids: number[] = await new Promise((resolve) => {
      let text = '';
      host.stdout.on('data', (chunk) => {
        text += chunk;
        if (text.includes('\n')) resolve(JSON.parse(text));
      });
    });
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.every(running)).toBe(true);
    host.kill('SIGKILL');
    await expect.poll(() => pids.filter(running), { timeout: 10_000 }).toEqual([]);
  });
});

/** Processor time (ticks of 10 ms) of all our sandboxes so far; a spinning thread adds 50 in half a second. */
function busyTicks(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
    return sum + Number(stat[13]) + Number(stat[14]);
  }, 0);
}

function running(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('how a run failed has a name', () => {
  test.each([
    [
      'an ActionError',
      `throw new nango.ActionError({ message: 'no such user', id: 3 })`,
      { type: 'action_script_runtime_error', message: 'no such user', payload: { message: 'no such user', id: 3 } },
    ],
    [
      'an ActionError with a text',
      `throw new nango.ActionError('just text')`,
      { type: 'action_script_runtime_error', payload: { message: 'just text' } },
    ],
    [
      'an invalid input',
      `await nango.zodValidateInput({ zodSchema: require('zod').z.object({ a: require('zod').z.string() }), input: { a: 1 } })`,
      { type: 'action_script_runtime_error', payload: { message: 'Invalid input provided' } },
    ],
    [
      'any other error',
      `throw new TypeError('odd')`,
      { type: 'script_internal_error', message: 'odd', payload: { name: 'TypeError', message: 'odd' } },
    ],
    ['a thrown text', `throw 'plain'`, { type: 'script_internal_error', message: 'plain' }],
    ['a syntax error', `this is not javascript`, { type: 'script_internal_error' }],
    ['an output with a cycle', `const a = {}; a.a = a; return a`, { type: 'invalid_action_output' }],
    ['an output with a BigInt', `return { n: 1n }`, { type: 'invalid_action_output' }],
    [
      'an error in a timer',
      `setTimeout(() => { throw new Error('late') }, 1); await new Promise(() => {})`,
      { type: 'script_internal_error', message: 'late' },
    ],
  ])('%s', async (_what, body, expected) => {
    expect((await trial(body)).error).toMatchObject(expected);
  });

  test('an answer outside 2xx, which looks like an axios error to the author', async () => {
    const onCall = async () => ({
      value: {
        status: 404,
        statusText: 'Not Found',
        headers: { 'content-type': 'application/json', 'x-ratelimit-remaining': '3', 'x-secret': 's' },
      },
      body: Buffer.from('{"why":"gone"}'),
    });
    const seen = await trial(
      `try { await nango.get({ endpoint: '/x' }) } catch (e) { return [e.isAxiosError, e.response.status, e.response.data.why, e.response.headers['x-secret'], e.code, e.message] }`,
      { onCall },
    );
    expect(seen.output).toEqual([true, 404, 'gone', 's', 'ERR_BAD_REQUEST', 'Request failed with status code 404']);
    const { error } = await trial(`await nango.get({ endpoint: '/x' })`, { onCall });
    expect(error).toMatchObject({
      type: 'script_http_error',
      payload: { why: 'gone' },
      upstream: { status: 404, headers: { 'content-type': 'application/json', 'x-ratelimit-remaining': '3' }, body: { why: 'gone' } },
    });
    expect(error?.upstream?.headers).not.toHaveProperty('x-secret');
  });

  test('a refused connection, a refusal by the platform, and its rate limit', async () => {
    const failing = (failure: ConstructorParameters<typeof CallError>[0]) => ({ onCall: () => Promise.reject(new CallError(failure)) });
    const refused = await trial(`await nango.get({ endpoint: '/' })`, failing({ name: 'Error', code: 'ECONNREFUSED', message: 'refused' }));
    expect(refused.error).toMatchObject({ type: 'script_network_error', payload: { code: 'ECONNREFUSED' } });
    const late = await trial(
      `await nango.saveCheckpoint({ a: 1 })`,
      failing({ name: 'Error', code: 'execution_interrupted', message: 'soon over' }),
    );
    expect(late.error).toMatchObject({ type: 'execution_interrupted', message: 'soon over' });
    const limited = await trial(
      `await nango.triggerAction('a', 'b', 'c')`,
      failing({ name: 'Error', message: 'slow down', response: { status: 429, headers: {} } }),
    );
    expect(limited.error?.type).toBe('script_api_rate_limit_error');
  });

  test('a failure inside the platform, whose details stay there', async () => {
    const { error } = await trial('await nango.getToken()', { onCall: () => Promise.reject(new Error('password=hunter2')) });
    expect(error?.type).toBe('function_runtime_other');
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('with the lines of the source file the author wrote', async () => {
    const source = `export default {\n  type: 'action',\n  exec: async (): Promise<void> => {\n    fail('here');\n  },\n};\n\nfunction fail(message: string): never {\n  throw new Error(message);\n}\n`;
    const { code } = await transform(source, { loader: 'ts', format: 'cjs', sourcemap: 'inline', sourcefile: 'github/actions/fail.ts' });
    const { error } = await trial(`${code}\n//module.exports`);
    expect(error?.stack).toEqual(['fail (github/actions/fail.ts:9:9)', expect.stringContaining('github/actions/fail.ts:4:5')]);
  });
});
