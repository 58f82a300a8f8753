/**
 * What authored code finds on the global object: the language, Buffer, URL, timers, text and binary encodings, abort, web crypto, and a console that logs.
 * Not there: Deno, fetch, sockets, workers, storage. The process has no permission to use them anyway; leaving them out makes the error clear
 * and keeps functions from growing a dependency on them.
 */
import type { LogLevel } from '@bowline/api/protocol';
import type { RealmWord } from './main.ts';
import { plainText } from './truncate.ts';

/** What the runner itself keeps from the global object. */
export type Builtins = { load: (name: string) => unknown; announce: () => void; retire: () => void };

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
]; // prettier-ignore

/** Deno makes these on first use, out of parts that must see the Deno global; making all of them up front would cost a realm 13 ms of its 17. */
const lazy = ['Buffer', 'setImmediate', 'clearImmediate'];

export function sealGlobals(line: (level: LogLevel, message: string) => void): Builtins {
  const { postMessage, close } = globalThis;
  const say = (word: RealmWord) => postMessage.call(globalThis, word);
  const deno: unknown = Reflect.get(globalThis, 'Deno');
  const withDeno = <T>(make: () => T): T => {
    Object.defineProperty(globalThis, 'Deno', { value: deno, configurable: true });
    try {
      return make();
    } finally {
      Reflect.deleteProperty(globalThis, 'Deno');
    }
  };
  const processOf = Object.getOwnPropertyDescriptor(globalThis, 'process')?.get;
  for (const name of lazy) {
    const make = Object.getOwnPropertyDescriptor(globalThis, name)?.get;
    if (make !== undefined) defineLazy(name, () => withDeno(() => make.call(globalThis)));
  }
  for (const name of removed) Reflect.deleteProperty(globalThis, name);
  for (const [name, value] of Object.entries({ global: globalThis, console: consoleOf(line), process: bareProcess() })) define(name, value);
  return {
    announce: () => say('ready'),
    // Closing in the same breath, so that no timer of the finished run comes between.
    retire: () => {
      say('quiet');
      close.call(globalThis);
    },
    load: (name) => withDeno(() => loadBuiltin(processOf?.call(globalThis), name)),
  };
}

/** `process` is made on first use too, and brings the one way to load a built-in module synchronously. */
function loadBuiltin(deno: unknown, name: string): unknown {
  if (typeof deno === 'object' && deno !== null && 'getBuiltinModule' in deno && typeof deno.getBuiltinModule === 'function')
    return deno.getBuiltinModule(name);
  throw new Error(`Module '${name}' is not available in this version of the sandbox`);
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

function defineLazy(name: string, make: () => unknown): void {
  const get = () => {
    const value = make();
    define(name, value);
    return value;
  };
  Object.defineProperty(globalThis, name, { get, set: (value) => define(name, value), configurable: true, enumerable: false });
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
