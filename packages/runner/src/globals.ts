/**
 * What authored code finds on the global object: the language, Buffer, URL, timers, text and binary encodings, abort, web crypto, and a console that logs.
 * Not there: Deno, fetch, sockets, workers, storage. The process has no permission to use them anyway; leaving them out makes the error clear
 * and keeps functions from growing a dependency on them.
 */
import type { LogLevel } from '@bowline/api/protocol';
import { guardMethods, watchHatches } from './hatches.ts';
import type { RealmWord } from './main.ts';
import type { Reuse } from './reuse.ts';
import { plainText } from './truncate.ts';

/** What the runner itself keeps from the global object. `lazies`: the values Deno's global getters make on first use. */
export type Builtins = {
  load: (name: string) => unknown;
  say: (word: RealmWord) => void;
  close: () => void;
  collect: () => void;
  lazies: () => unknown[];
};

const removed = [
  'Deno',
  'fetch',
  'Worker',
  'WebSocket',
  'EventSource',
  'caches',
  'CacheStorage',
  'Cache',
  'localStorage',
  'sessionStorage',
  'Storage',
  'BroadcastChannel',
  'navigator',
  'Navigator',
  'WorkerNavigator',
  'location',
  'WorkerLocation',
  'postMessage',
  'onmessage',
  'onerror',
  'close',
  'name',
  'WebTransport',
  'prompt',
  'alert',
  'confirm',
  'importScripts',
  'gc',
  'Lock',
  'LockManager',
  'createImageBitmap',
  'MessageChannel',
  'MessagePort',
]; // prettier-ignore

/** Graphics: nothing for a function, a third of all objects to watch. */
const graphics = /^(GPU|DOM(Matrix|Point|Quad|Rect)|Image|OffscreenCanvas)/;

/** Deno makes these on first use, out of parts that must see the Deno global; making all of them up front would cost a realm 13 ms of its 17. */
const lazy = ['Buffer', 'setImmediate', 'clearImmediate'];

export function sealGlobals(line: (level: LogLevel, message: string) => void, reuse: Reuse): Builtins {
  const { postMessage, close } = globalThis;
  const console = consoleOf(line);
  const deno: unknown = Reflect.get(globalThis, 'Deno');
  const gc: unknown = Reflect.get(globalThis, 'gc');
  const clearAway = () => {
    for (const extra of broughtAlong) Reflect.deleteProperty(globalThis, extra);
    for (const stream of ['_stdout', '_stderr']) Reflect.deleteProperty(console, stream);
  };
  const withDeno = <T>(make: () => T): T => {
    Object.defineProperty(globalThis, 'Deno', { value: deno, configurable: true });
    try {
      return make();
    } finally {
      Reflect.deleteProperty(globalThis, 'Deno');
      clearAway();
    }
  };
  const processOf = Object.getOwnPropertyDescriptor(globalThis, 'process')?.get;
  const lazyGetters = lazy.map((name) => ({ name, make: getterOf(name) }));
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (removed.includes(name) || graphics.test(name)) Reflect.deleteProperty(globalThis, name);
  }
  defineTimers(reuse);
  for (const [name, value] of Object.entries({ global: globalThis, console, process: bareProcess() })) define(name, value);
  // Node's parts redefine it like this when they are first used, at some later moment.
  define('queueMicrotask', queueMicrotask);
  for (const { name } of lazyGetters) Reflect.deleteProperty(globalThis, name);
  const rest = Object.getOwnPropertyNames(globalThis).map(getterOf);
  for (const { name, make } of lazyGetters) {
    if (make === undefined) continue;
    defineLazy(name, () => {
      if (name === 'Buffer') clearBuffers();
      return reuse.watch(withDeno(() => make.call(globalThis)));
    });
  }
  watchHatches(reuse.activity.lose);
  const loaded = new Map<string, unknown>();
  let isCleared = false;
  /** From when on there is such memory: Node's parts use it, too, whether or not the author does. */
  const clearBuffers = () => {
    if (isCleared) return;
    isCleared = true;
    const Buffer = lazyGetters.find(({ name }) => name === 'Buffer')?.make;
    const clear = clearingOf(withDeno(() => Buffer?.call(globalThis)));
    if (clear === undefined) reuse.activity.lose();
    else reuse.atEnd(clear);
  };
  return {
    say: (word) => postMessage.call(globalThis, word),
    close: () => close.call(globalThis),
    collect: () => {
      // Any other flavor keeps the pages: 75 MB instead of 57.
      if (typeof gc === 'function') gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    },
    load: (name) => {
      clearBuffers();
      if (!loaded.has(name))
        loaded.set(
          name,
          reuse.watch(
            followed(
              withDeno(() => loadBuiltin(processOf?.call(globalThis), name)),
              reuse,
            ),
          ),
        );
      return loaded.get(name);
    },
    lazies: () => rest.map((make) => make?.call(globalThis)),
  };
}

const fill = Uint8Array.prototype.fill;

/** Small buffers are cut from one piece of memory, which shows what was in those before: texts, and the keys that node's `crypto` was given. */
function clearingOf(Buffer: unknown): (() => void) | undefined {
  const allocate: unknown = typeof Buffer === 'function' ? Reflect.get(Buffer, 'allocUnsafe') : undefined;
  if (typeof allocate !== 'function') return undefined;
  return () => void Reflect.apply(fill, new Uint8Array(Reflect.apply(allocate, Buffer, [1]).buffer), [0]);
}

function getterOf(name: string): (() => unknown) | undefined {
  return Object.getOwnPropertyDescriptor(globalThis, name)?.get;
}

function defineTimers({ timers }: Reuse): void {
  const { setTimeout, setInterval } = globalThis;
  define('setTimeout', timers.starting(setTimeout, true));
  define('setInterval', timers.starting(setInterval, false));
  define('clearTimeout', timers.stopping());
  define('clearInterval', timers.stopping());
  const start = timers.starting(setTimeout, true);
  // Deno's own keeps its timer to itself, and so from ending with the run.
  const timeout = (ms: number) => {
    const controller = new AbortController();
    start(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms);
    return controller.signal;
  };
  define('timeout', timeout, AbortSignal);
}
/** `process` is made on first use too, and brings the one way to load a built-in module synchronously. */
function loadBuiltin(deno: unknown, name: string): unknown {
  if (typeof deno === 'object' && deno !== null && 'getBuiltinModule' in deno && typeof deno.getBuiltinModule === 'function')
    return deno.getBuiltinModule(name);
  throw new Error(`Module '${name}' is not available in this version of the sandbox`);
}

/** What node's parts put on the global object (and two streams on the console) when the first of them is made. */
const broughtAlong = ['nodeBootstrap', 'MessageChannel', 'MessagePort'];

/** With a callback, these go on by themselves, in ways that `Activity` cannot follow. */
const calling = [
  'randomBytes',
  'pseudoRandomBytes',
  'randomFill',
  'randomInt',
  'pbkdf2',
  'scrypt',
  'hkdf',
  'sign',
  'verify',
  'diffieHellman',
];
const generating = ['generateKeyPair', 'generateKey', 'generatePrime', 'checkPrime', 'argon2', 'encapsulate', 'decapsulate'];

/** Classes that node completes with the first object of each. */
const completing = [
  ['createHash', 'sha256'],
  ['createHmac', 'sha256', 'k'],
  ['createSign', 'sha256'],
  ['createVerify', 'sha256'],
] as const;

function followed(module: unknown, { activity }: Reuse): unknown {
  if (typeof module !== 'object' || module === null) return module;
  for (const [name, ...given] of completing) {
    const make: unknown = Reflect.get(module, name);
    if (typeof make === 'function') make(...given);
  }
  guardMethods(module, [...calling, ...generating], (given) => typeof given.at(-1) === 'function', activity.lose);
  return module;
}

function define(name: string, value: unknown, owner: object = globalThis): void {
  Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Stays a getter, so that using it changes nothing that `Pristine` compares. */
function defineLazy(name: string, make: () => unknown): void {
  let value: unknown;
  const get = () => {
    value ??= make();
    return value;
  };
  Object.defineProperty(globalThis, name, { get, set: (other) => define(name, other), configurable: true, enumerable: false });
}

function consoleOf(line: (level: LogLevel, message: string) => void): Record<string, unknown> {
  const at =
    (level: LogLevel) =>
    (...parts: unknown[]) =>
      line(level, parts.map((part) => (typeof part === 'string' ? part : plainText(part))).join(' '));
  const quiet = () => undefined;
  return {
    debug: at('debug'),
    trace: at('debug'),
    log: at('info'),
    info: at('info'),
    dir: at('info'),
    table: at('info'),
    warn: at('warn'),
    error: at('error'),
    assert: quiet,
    group: quiet,
    groupEnd: quiet,
    time: quiet,
    timeEnd: quiet,
    timeLog: quiet,
    count: quiet,
    clear: quiet,
  }; // prettier-ignore
}

/** Enough of `process` for bundled npm code that looks before it leaps; it says nothing about this machine. */
function bareProcess(): Record<string, unknown> {
  return {
    env: {},
    argv: [],
    platform: 'linux',
    version: 'v20.0.0',
    versions: { node: '20.0.0' },
    cwd: () => '/',
    nextTick: (task: (...parts: unknown[]) => void, ...parts: unknown[]) => queueMicrotask(() => task(...parts)),
    emitWarning: () => undefined,
    on: () => undefined,
  };
}
