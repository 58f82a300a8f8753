/**
 * What a hostile function may try, as data: its body and how it must end. `error` names the types it may end with; `output` is what it may at most learn.
 * A case that neither reaches anything nor can be told from an honest function says `harmless`: only what surrounds it is looked at.
 */
import type { RunErrorType } from '@bowline/api/protocol';

export type Ending = { error: readonly RunErrorType[] } | { output: unknown } | 'harmless';
export type Escape = {
  readonly what: string;
  readonly body: string;
  readonly ends: Ending;
  /** For what would go on for ever. */
  readonly timeoutMs?: number;
  readonly kind?: 'sync';
};

const unfinished = { timeoutMs: 700, ends: { error: ['execution_timeout'] } } as const;
const exhausted = { ends: { error: ['function_runtime_out_of_memory'] } } as const;
const ownFault = { ends: { error: ['script_internal_error'] } } as const;
const notUnderstood = { ends: { error: ['function_runtime_other'] } } as const;

/** Tries an expression: what it reached, or that it was refused. */
const attempt = (expression: string) =>
  `const nothing = new Promise((_, no) => setTimeout(() => no('no answer'), 1500));
   try { return { reached: String(await Promise.race([(async () => ${expression})(), nothing])) } } catch (error) { return 'refused' }`;
const refused = { ends: { output: 'refused' } } as const;

const trap = `const all = new Proxy({}, { get: (_, name) => () => { throw new Error('trap ' + String(name)) } });
  const trap = new Proxy(function () {}, all);`;

/** Everything inherits from these; the runner must not be led astray by what is put there, or else end the run. */
const prototypes: Escape[] = [
  { what: 'toJSON for every object', body: `Object.prototype.toJSON = () => 'forged'; return { a: 1 }`, ...notUnderstood },
  {
    what: 'then for every object',
    body: `Object.prototype.then = (ok) => ok('forged'); return { a: 1 }`,
    ends: 'harmless',
    timeoutMs: 700,
  },
  { what: 'a then that never answers', body: 'Promise.prototype.then = () => {}; return 1', ...unfinished },
  {
    what: 'a constructor of promises',
    body: `Promise.prototype.constructor = function () { throw 1 }; return 1`,
    ends: 'harmless',
    timeoutMs: 700,
  },
  {
    what: 'species',
    body: `Object.defineProperty(Promise, Symbol.species, { get() { throw new Error('species') } }); return 1`,
    ends: 'harmless',
    timeoutMs: 700,
  },
  {
    what: 'methods of lists',
    body: `for (const name of ['push', 'map', 'at', 'slice']) Array.prototype[name] = () => { throw 1 }; nango.log('a', {}); return [1]`,
    ends: 'harmless',
    timeoutMs: 700,
  },
  {
    what: 'methods of maps',
    body: `Map.prototype.get = () => ({ resolve() {}, reject() {} }); await nango.getToken(); return 1`,
    ...unfinished,
  },
  {
    what: 'how functions are called',
    body: `Function.prototype.call = Function.prototype.apply = () => 'forged'; return 1`,
    ends: 'harmless',
    timeoutMs: 700,
  },
  {
    what: 'JSON.stringify',
    body: `JSON.stringify = () => '{"type":"done","ok":true,"more":1}'; nango.log('x'); return 1`,
    ends: 'harmless',
  },
  { what: 'the sizes in frames', body: `DataView.prototype.setUint32 = () => {}; nango.log('x'); return 1`, ...notUnderstood },
  {
    what: 'huge sizes in frames',
    body: `const set = DataView.prototype.setUint32; DataView.prototype.setUint32 = function (at) { set.call(this, at, 0xffffffff, true) }; nango.log('x'); return 1`,
    ...notUnderstood,
  },
  {
    what: 'the encoder of texts',
    body: `TextEncoder.prototype.encode = () => new Uint8Array(3); nango.log('x'); return 1`,
    ...notUnderstood,
  },
  { what: 'the writer of bytes', body: `Uint8Array.prototype.set = () => {}; nango.log('x'); return 1`, ...notUnderstood },
  {
    what: 'an own __proto__',
    body: `return JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')`,
    ends: 'harmless',
  },
  {
    what: 'getters on the prototype of objects',
    body: `for (const name of ['type', 'id', 'ok', 'error', 'method']) Object.defineProperty(Object.prototype, name, { get() { throw new Error(name) }, set() {} }); nango.log('x'); await nango.getToken(); return 1`,
    ends: 'harmless',
    timeoutMs: 700,
  },
];

/** What is returned, thrown and handed to calls is looked at by the runner: each look may run authored code. */
const values: Escape[] = [
  { what: 'returns a then that throws', body: `return { get then() { throw new Error('then') } }`, ...ownFault },
  { what: 'returns a then that never answers', body: 'return { then() {} }', ...unfinished },
  {
    what: 'returns a promise of itself',
    body: `const loop = { then: (ok) => ok(loop) }; return loop`,
    ends: { error: ['execution_timeout', 'function_runtime_out_of_memory', 'script_internal_error'] },
    timeoutMs: 700,
  },
  {
    what: 'returns a toJSON that throws',
    body: `return { toJSON() { throw new Error('json') } }`,
    ends: { error: ['invalid_action_output'] },
  },
  {
    what: 'returns a toJSON without end',
    body: `const deep = () => ({ toJSON: deep, next: { get more() { return deep() } } }); return { get a() { return deep() } }`,
    ends: { error: ['invalid_action_output'] },
  },
  { what: 'returns a getter that spins', body: 'return { get a() { for (;;) {} } }', ...unfinished },
  { what: 'returns a proxy that throws at each look', body: `${trap} return trap`, ...ownFault },
  { what: 'returns a revoked proxy', body: `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy`, ...ownFault },
  {
    what: 'returns a proxy of endless keys',
    body: `return new Proxy({}, { ownKeys: () => Array.from({ length: 3e5 }, (_, n) => 'k' + n), getOwnPropertyDescriptor: () => ({ value: 'x'.repeat(1000), enumerable: true, configurable: true }), get: (_, name) => name === 'then' || name === 'toJSON' ? undefined : 'x'.repeat(1000) })`,
    ends: { error: ['function_runtime_out_of_memory', 'invalid_action_output', 'script_output_too_large'] },
  },
  {
    what: 'returns 100,000 levels',
    body: `let deep = {}; for (let n = 0; n < 1e5; n++) deep = { deep }; return deep`,
    ends: { error: ['invalid_action_output'] },
  },
  {
    what: 'returns toPrimitive traps',
    body: `return { a: { [Symbol.toPrimitive]() { throw 1 }, valueOf() { throw 2 }, toString() { throw 3 } } }`,
    ends: { output: { a: {} } },
  },
  { what: 'throws a proxy that throws at each look', body: `${trap} throw trap`, ...ownFault },
  { what: 'throws a revoked proxy', body: `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy`, ...ownFault },
  {
    what: 'throws an error whose fields throw',
    body: `const bad = new Error('x'); for (const name of ['stack', 'message', 'name', 'code', 'type', 'payload', 'response']) Object.defineProperty(bad, name, { get() { throw new Error(name) } }); throw bad`,
    ...ownFault,
  },
  {
    what: 'throws an error whose fields are of other types',
    body: `throw Object.assign(new Error('x'), { stack: 7, message: { a: 1 }, name: [], code: {} })`,
    ...ownFault,
  },
  { what: 'throws an error of 50 MB', body: `throw new Error('x'.repeat(5e7))`, ...ownFault },
  {
    what: 'throws a payload of 50 MB',
    body: `throw new nango.ActionError({ message: 'x'.repeat(5e7) })`,
    ends: { error: ['action_script_runtime_error'] },
  },
  {
    what: 'throws a payload of 100,000 levels',
    body: `let deep = {}; for (let n = 0; n < 1e5; n++) deep = { deep }; throw new nango.ActionError(deep)`,
    ends: { error: ['action_script_runtime_error'] },
  },
  {
    what: 'throws what looks like an answer',
    body: `throw Object.assign(new Error('x'), { isAxiosError: true, response: { status: 'x'.repeat(10), headers: null, data: new Proxy({}, { get() { throw 1 } }) } })`,
    ...ownFault,
  },
  { what: 'throws nothing', body: 'throw undefined', ...ownFault },
  { what: 'throws a symbol', body: `throw Symbol('x')`, ...ownFault },
  {
    what: 'prints its own stacks',
    body: `Error.prepareStackTrace = () => ({ split: () => { throw 1 } }); throw new Error('x')`,
    ...ownFault,
  },
  { what: 'prints its own stacks for ever', body: 'Error.prepareStackTrace = () => { for (;;) {} }; throw new Error(1)', ...unfinished },
  { what: 'hands a trap to a request', body: `${trap} try { await nango.get(trap) } catch { return 'refused' }`, ...refused },
  {
    what: 'hands a trap to a log line',
    body: `${trap} await nango.log(trap, trap); await nango.log('x', { level: trap }); return 'logged'`,
    ends: 'harmless',
  },
  { what: 'hands a trap to the console', body: `${trap} console.log(trap, trap); return 'logged'`, ends: 'harmless' },
  { what: 'hands a trap to a checkpoint', body: `${trap} try { await nango.saveCheckpoint(trap) } catch { return 'refused' }`, ...refused },
  {
    what: 'hands a trap to batchSave',
    body: `${trap} await nango.batchSave([trap], 'User')`,
    kind: 'sync',
    ends: { error: ['invalid_sync_record'] },
  },
  {
    what: 'hands endless records to batchSave',
    body: `await nango.batchSave(new Proxy([], { get: (_, name) => name === 'length' ? 1e15 : { id: 'x'.repeat(1e5) } }), 'User')`,
    kind: 'sync',
    ends: { error: ['execution_timeout', 'script_internal_error', 'function_runtime_out_of_memory', 'function_runtime_other'] },
    timeoutMs: 2000,
  },
  {
    what: 'hands 100,000 levels to a checkpoint, a log line and metadata',
    body: `let deep = {}; for (let n = 0; n < 1e5; n++) deep = { deep }; await nango.log('x', deep); try { await nango.saveCheckpoint(deep); return 'saved' } catch {} try { await nango.updateMetadata(deep) } catch { return 'refused' }`,
    ...refused,
  },
];

const code: Escape[] = [
  {
    what: 'Deno through a generator made of text',
    body: attempt(`(function* () {}).constructor('yield Deno.pid')().next().value`),
    ...refused,
  },
  {
    what: 'Deno through an async generator made of text',
    body: attempt(`(await (async function* () {}).constructor('yield Deno.pid')().next()).value`),
    ...refused,
  },
  { what: 'Deno through eval', body: attempt(`eval('Deno.pid')`), ...refused },
  { what: 'Deno through the constructor of a constructor', body: attempt(`({}).constructor.constructor('return Deno.pid')()`), ...refused },
  {
    what: 'Deno through the constructor of nango and of an answer',
    body: attempt(`(await nango.log.constructor('return Deno.pid')()) + (await nango.getToken())`),
    ...refused,
  },
  {
    what: 'Deno through a data: module',
    body: attempt(`(await import('data:text/javascript,export default Deno.pid')).default`),
    ...refused,
  },
  {
    what: 'Deno through a blob: module',
    body: attempt(`(await import(URL.createObjectURL(new Blob(['export default Deno.pid'], { type: 'text/javascript' })))).default`),
    ...refused,
  },
  { what: 'Deno through a ShadowRealm', body: attempt(`new ShadowRealm().evaluate('Deno.pid')`), ...refused },
  { what: 'Deno through node:vm', body: attempt(`(await import('node:vm')).runInNewContext('Deno.pid')`), ...refused },
  { what: 'a file as JSON', body: attempt(`(await import('file:///etc/passwd', { with: { type: 'json' } })).default`), ...refused },
  { what: 'a file as text', body: attempt(`(await import('/etc/passwd', { with: { type: 'text' } })).default`), ...refused },
  { what: 'a module over HTTP', body: attempt(`(await import('http://127.0.0.1:1/x.js')).default`), ...refused },
  {
    what: 'a file through createRequire',
    body: attempt(`(await import('node:module')).createRequire('file:///')('/etc/hostname')`),
    ...refused,
  },
  {
    what: 'node:fs through createRequire',
    body: attempt(`(await import('node:module')).createRequire('file:///')('fs').readFileSync('/etc/hostname', 'utf8')`),
    ...refused,
  },
  {
    what: 'node:fs through getBuiltinModule',
    body: attempt(`(await import('node:process')).default.getBuiltinModule('fs').readFileSync('/etc/hostname', 'utf8')`),
    ...refused,
  },
  {
    what: 'require.cache, require.main and module.constructor',
    body: attempt(`(require.cache ?? require.main ?? module.constructor._load('fs')).toString()`),
    ...refused,
  },
  {
    what: 'bindings of process',
    body: attempt(`(process.binding ?? (await import('node:process')).default.binding)('fs').internalModuleReadJSON('/etc/passwd')`),
    ...refused,
  },
  {
    what: 'the environment of this process, as a file',
    body: attempt(`(await import('node:fs')).readFileSync('/proc/self/environ', 'utf8')`),
    ...refused,
  },
  { what: 'where a link points', body: attempt(`(await import('node:fs')).readlinkSync('/proc/self/cwd')`), ...refused },
  { what: 'making a link', body: attempt(`(await import('node:fs')).symlinkSync('/etc/passwd', '/tmp/bowline-escape')`), ...refused },
  { what: 'listing a folder', body: attempt(`(await import('node:fs')).readdirSync('/')`), ...refused },
  { what: 'whether a file exists', body: attempt(`(await import('node:fs')).statSync('/etc/passwd').size`), ...refused },
  { what: 'the system through node:os', body: attempt(`(await import('node:os')).networkInterfaces().lo[0].address`), ...refused },
  {
    what: 'datagrams',
    body: attempt(
      `await new Promise((ok, no) => import('node:dgram').then((d) => d.createSocket('udp4').on('error', no).send('x', 53, '127.0.0.1', (e) => e ? no(e) : ok('sent'))))`,
    ),
    ...refused,
  },
  {
    what: 'a listener',
    body: attempt(
      `await new Promise((ok, no) => import('node:http').then((h) => h.createServer().on('error', no).listen(0, () => ok('listens'))))`,
    ),
    ...refused,
  },
  {
    what: 'HTTP/2',
    body: attempt(
      `await new Promise((ok, no) => import('node:http2').then((h) => h.connect('http://127.0.0.1:1').on('connect', ok).on('error', no)))`,
    ),
    ...refused,
  },
  { what: 'an inspector', body: attempt(`(await import('node:inspector')).open(0) ?? 'open'`), ...refused },
  { what: 'a heap snapshot on disk', body: attempt(`(await import('node:v8')).writeHeapSnapshot('/tmp/bowline-escape')`), ...refused },
  {
    what: 'flags of the engine',
    body: attempt(`(await import('node:v8')).setFlagsFromString('--allow-natives-syntax') ?? eval('%GetHeapUsage()')`),
    ...refused,
  },
  {
    what: 'SQLite on disk',
    body: attempt(`new (await import('node:sqlite')).DatabaseSync('/tmp/bowline-escape').exec('create table a (b)') ?? 'made'`),
    ...refused,
  },
  {
    what: 'a worker through node:worker_threads',
    body: attempt(
      `await new Promise((ok, no) => import('node:worker_threads').then(({ Worker }) => new Worker('require("worker_threads").parentPort.postMessage(1)', { eval: true }).on('message', ok).on('error', no)))`,
    ),
    ends: 'harmless',
  },
  { what: 'a cluster', body: attempt(`(await import('node:cluster')).default.fork()`), ...refused },
  {
    what: 'ending its parent',
    body: attempt(`(await import('node:process')).default.kill((await import('node:process')).default.ppid, 'SIGTERM')`),
    ...refused,
  },
  { what: 'ending its group', body: attempt(`(await import('node:process')).default.kill(-1, 0)`), ...refused },
  {
    what: 'aborting',
    body: `(await import('node:process')).default.abort(); await new Promise(() => {})`,
    ends: 'harmless',
    timeoutMs: 700,
  },
  {
    what: 'ending with 0 before it answered',
    body: `(await import('node:process')).default.reallyExit(0); await new Promise(() => {})`,
    ends: { error: ['function_runtime_other', 'script_internal_error', 'execution_timeout'] },
    timeoutMs: 2000,
  },
  {
    what: 'local storage between contexts',
    body: `const { AsyncLocalStorage } = await import('node:async_hooks'); new AsyncLocalStorage().enterWith('x'); return 1`,
    ends: { output: 1 },
  },
];

const resources: Escape[] = [
  {
    what: 'texts of a gigabyte',
    body: `const all = []; for (let n = 0; n < 8; n++) { const one = 'x'.repeat(2 ** 29 - 24); all.push(one + n); all[n].charCodeAt(1e6); JSON.stringify(all[n].slice(0, 5e7)) } await new Promise((go) => setTimeout(go, 500)); return all.length`,
    ends: { error: ['function_runtime_out_of_memory', 'script_internal_error'] },
  },
  { what: 'a list without end', body: 'const all = []; for (;;) all.push(new Array(1000).fill(all.length))', ...exhausted },
  { what: 'a map without end', body: 'const all = new Map(); for (let n = 0; ; n++) all.set(n, new Array(1000).fill(n))', ...exhausted },
  {
    what: 'shared memory of two gigabytes',
    body: `new Uint8Array(new SharedArrayBuffer(2 ** 31)).fill(1); await new Promise((go) => setTimeout(go, 500))`,
    ends: { error: ['function_runtime_out_of_memory', 'script_internal_error'] },
  },
  {
    what: 'memory of WebAssembly',
    body: `new Uint8Array(new WebAssembly.Memory({ initial: 32768 }).buffer).fill(1); await new Promise((go) => setTimeout(go, 500))`,
    ends: { error: ['function_runtime_out_of_memory', 'script_internal_error'] },
  },
  { what: 'a wait on memory', body: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)', ...unfinished },
  { what: 'recursion without end', body: 'const down = () => down() + 1; return down()', ...ownFault },
  {
    what: 'recursion in a getter while it is encoded',
    body: `const deep = { get deep() { return Object.create(deep, Object.getOwnPropertyDescriptors(deep)) } }; return { get a() { return deep.deep } }`,
    ends: 'harmless',
  },
  { what: 'a regular expression that explodes', body: `return /^(a+)+$/.test('a'.repeat(50) + '!')`, ...unfinished },
  {
    what: 'an integer that explodes',
    body: 'let n = 3n; for (;;) n *= n',
    ends: { error: ['execution_timeout', 'script_internal_error', 'function_runtime_out_of_memory'] },
    timeoutMs: 1500,
  },
  { what: 'a slow key of node:crypto', body: `require('crypto').pbkdf2Sync('a', 'b', 2 ** 31 - 1, 64, 'sha512')`, ...unfinished },
  {
    what: 'a large key of node:crypto',
    body: `require('crypto').scryptSync('a', 'b', 64, { N: 2 ** 20, r: 16, p: 1, maxmem: 2 ** 33 }); await new Promise((go) => setTimeout(go, 300))`,
    ends: { error: ['function_runtime_out_of_memory', 'script_internal_error'] },
  },
  {
    what: 'formats of Intl',
    body: `const all = []; for (let n = 0; ; n++) all.push(new Intl.DateTimeFormat('en-u-ca-buddhist', { timeZone: 'Asia/Tokyo', dateStyle: 'full' }).formatToParts(n))`,
    ends: { error: ['function_runtime_out_of_memory', 'execution_timeout'] },
    timeoutMs: 3000,
  },
  {
    what: 'parsing 20 million levels',
    body: `try { JSON.parse('['.repeat(2e7)) } catch { return 'refused' }`,
    ends: { error: ['function_runtime_out_of_memory'] },
  },
  {
    what: 'a flood of microtasks',
    body: 'const again = () => Promise.resolve().then(again); again(); await new Promise(() => {})',
    ends: { error: ['execution_timeout'] },
    timeoutMs: 1000,
  },
  { what: 'a flood of immediates', body: 'const again = () => setImmediate(again); again(); await new Promise(() => {})', ...unfinished },
  { what: 'a flood of timers', body: 'for (let n = 0; ; n++) setTimeout(() => {}, 1e6, new Array(10000).fill(n))', ...exhausted },
  {
    what: 'a flood of lost promises',
    body: `for (let n = 0; n < 3000; n++) Promise.reject(new Error('lost')); await new Promise((go) => setTimeout(go, 50)); return 1`,
    ends: { output: 1 },
  },
  {
    what: 'calls that nobody awaits',
    body: `for (let n = 0; n < 100000; n++) nango.getToken().catch(() => {}); return 1`,
    timeoutMs: 55_000,
    ends: { output: 1 },
  },
  {
    what: 'calls on without end',
    body: `for (;;) nango.getToken().catch(() => {})`,
    ends: { error: ['execution_timeout', 'function_runtime_out_of_memory'] },
    timeoutMs: 2000,
  },
  {
    what: 'log lines without end',
    body: `for (;;) nango.log('x'.repeat(9000), { a: 'y'.repeat(9000) })`,
    ends: { error: ['execution_timeout'] },
    timeoutMs: 2000,
  },
  {
    what: 'work after its end',
    body: `setTimeout(() => { for (;;) {} }, 0); setInterval(() => nango.log('ghost'), 1); new Promise(() => {}); return 1`,
    ends: { output: 1 },
  },
];

/** Frames by the hand of the function: it holds the pipe that its runner writes to. */
const holding = `let deno; const define = Object.defineProperty;
  Object.defineProperty = (target, name, given) => { if (name === 'Deno') deno = given.value; return define(target, name, given) };
  require('crypto'); Object.defineProperty = define;`;
const forging = `${holding} const { stdout } = deno;
  const bytes = (header, body = '', sizes) => { const head = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header)); const tail = new TextEncoder().encode(body);
    const all = new Uint8Array(8 + head.length + tail.length); const view = new DataView(all.buffer); view.setUint32(0, sizes?.[0] ?? head.length, true); view.setUint32(4, sizes?.[1] ?? tail.length, true);
    all.set(head, 8); all.set(tail, 8 + head.length); return all };
  const push = (all) => { for (let at = 0; at < all.length; ) at += stdout.writeSync(all.subarray(at)) };
  const pause = () => new Promise((go) => setTimeout(go, 300));`;

const frames: Escape[] = [
  {
    what: 'no frame at all',
    body: `${forging} push(new TextEncoder().encode('this is not a frame, it is a text')); await pause(); return 1`,
    ...notUnderstood,
  },
  {
    what: 'a frame of four gigabytes',
    body: `${forging} push(bytes({ type: 'ready' }, '', [0xffffffff, 0xffffffff])); await pause(); return 1`,
    ...notUnderstood,
  },
  { what: 'a frame without a header', body: `${forging} push(bytes('', 'x', [0, 1])); await pause(); return 1`, ...notUnderstood },
  { what: 'a header that is no JSON', body: `${forging} push(bytes('{"type":')); await pause(); return 1`, ...notUnderstood },
  {
    what: 'a message of another protocol',
    body: `${forging} push(bytes({ type: 'run', run: {} })); await pause(); return 1`,
    ...notUnderstood,
  },
  {
    what: 'half a frame, and then its end',
    body: `${forging} push(bytes({ type: 'log', level: 'info', message: 'x' }).subarray(0, 20)); return 1`,
    ends: 'harmless',
    timeoutMs: 700,
  },
  {
    what: 'a call with a number below zero',
    body: `${forging} push(bytes({ type: 'call', id: -1, method: 'token.get', params: {} })); await pause(); return 1`,
    ...notUnderstood,
  },
  {
    what: 'calls of the same number',
    body: `${forging} for (let n = 0; n < 100; n++) push(bytes({ type: 'call', id: 0, method: 'token.get', params: {} })); await pause(); return 1`,
    ends: { output: 1 },
  },
  {
    what: 'an end of its own, and a second one',
    body: `${forging} push(bytes({ type: 'done', ok: true }, '"forged"')); push(bytes({ type: 'done', ok: true }, '"again"')); await pause(); return 1`,
    ends: { output: 'forged' },
  },
  {
    what: 'calls and lines after an end',
    body: `${forging} push(bytes({ type: 'done', ok: true }, '"forged"')); for (let n = 0; n < 50; n++) { push(bytes({ type: 'call', id: n, method: 'token.get', params: {} })); push(bytes({ type: 'log', level: 'info', message: 'x' })) } await pause(); return 1`,
    ends: { output: 'forged' },
  },
  {
    what: 'garbage after an end',
    body: `${forging} push(bytes({ type: 'done', ok: true }, '"forged"')); push(new TextEncoder().encode('garbage garbage')); await pause(); return 1`,
    ends: { output: 'forged' },
  },
  {
    what: 'an output of 50 MB',
    body: `${forging} push(bytes({ type: 'done', ok: true }, '"' + 'x'.repeat(5e7) + '"')); await pause(); return 1`,
    ends: { error: ['script_output_too_large', 'function_runtime_other'] },
  },
  {
    what: 'an output that is no JSON',
    body: `${forging} push(bytes({ type: 'done', ok: true }, '{"a":')); await pause(); return 1`,
    ends: { error: ['invalid_action_output', 'function_runtime_other'] },
  },
  {
    what: 'an error with fields of other types',
    body: `${forging} push(bytes({ type: 'done', ok: false, error: { type: 'ok', message: {} } })); await pause(); return 1`,
    ...notUnderstood,
  },
  {
    what: 'an error of 50 MB',
    body: `${forging} push(bytes({ type: 'done', ok: false, error: { type: 'script_internal_error', message: 'x'.repeat(5e7) } })); await pause(); return 1`,
    ...notUnderstood,
  },
  {
    what: 'a line of 50 MB',
    body: `${forging} push(bytes({ type: 'log', level: 'info', message: 'x'.repeat(5e7) })); await pause(); return 1`,
    ...notUnderstood,
  },
  {
    what: 'a line with data of a million levels',
    body: `${forging} push(bytes('{"type":"log","level":"info","message":"x","meta":' + '['.repeat(1e6) + ']'.repeat(1e6) + '}')); await pause(); return 1`,
    ...notUnderstood,
  },
  {
    what: 'a call with a million levels',
    body: `${forging} push(bytes('{"type":"call","id":1,"method":"metadata.set","params":{"metadata":' + '{"a":'.repeat(1e6) + '1' + '}'.repeat(1e6) + '}}')); await pause(); return 1`,
    ends: { output: 1 },
  },
  {
    what: 'that it is ready',
    body: `${forging} push(bytes({ type: 'ready', nonce: 'guessed' })); push(bytes({ type: 'ready' })); await pause(); return 1`,
    ends: { output: 1 },
  },
  {
    what: 'taking what the platform sends',
    body: `${forging} const { readSync } = await import('node:fs'); const piece = new Uint8Array(65536); for (let n = 0; n < 3; n++) { nango.getToken().catch(() => {}); readSync(0, piece) } await nango.getToken(); return 1`,
    ends: 'harmless',
    timeoutMs: 1500,
  },
  {
    what: 'closing its pipes',
    body: `const fs = await import('node:fs'); for (const fd of [0, 1, 2]) { try { fs.closeSync(fd) } catch {} } await new Promise((go) => setTimeout(go, 200)); return 1`,
    ends: 'harmless',
    timeoutMs: 1500,
  },
  {
    what: 'megabytes on stderr',
    body: `${holding} for (let n = 0; n < 50; n++) deno.stderr.writeSync(new TextEncoder().encode('out of memory '.repeat(1e5))); return 1`,
    ends: { output: 1 },
  },
];

export const escapes: Readonly<Record<string, readonly Escape[]>> = { prototypes, values, code, resources, frames };
