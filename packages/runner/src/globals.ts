/**
 * What authored code finds on the global object: the language, Buffer, URL, timers, text and binary encodings, abort, web crypto, and a console that logs.
 * Not there: Deno, fetch, sockets, workers, storage. The process has no permission to use them anyway; leaving them out makes the error clear
 * and keeps functions from growing a dependency on them.
 */
import type { LogLevel } from '@bowline/api/protocol';
import { plainText } from './truncate.ts';

/** What the runner itself keeps from the global object. */
export type Builtins = { load: (name: string) => unknown; announce: () => void };

const removed = [
  'Deno', 'fetch', 'Worker', 'WebSocket', 'EventSource', 'caches', 'CacheStorage', 'Cache', 'localStorage', 'sessionStorage', 'Storage',
  'BroadcastChannel', 'navigator', 'Navigator', 'WorkerNavigator', 'location', 'WorkerLocation', 'postMessage', 'onmessage', 'onerror', 'close',
  'name', 'WebTransport', 'prompt', 'alert', 'confirm', 'importScripts',
]; // prettier-ignore

export function sealGlobals(line: (level: LogLevel, message: string) => void): Builtins {
  const { postMessage } = globalThis;
  const deno: unknown = Reflect.get(globalThis, 'Deno');
  const { getBuiltinModule } = process;
  // Deno builds these on first use out of parts that need the Deno global, so first use has to be now.
  const kept = { Buffer: globalThis.Buffer, setImmediate: globalThis.setImmediate, clearImmediate: globalThis.clearImmediate, global: globalThis };
  for (const name of removed) Reflect.deleteProperty(globalThis, name);
  for (const [name, value] of Object.entries({ ...kept, console: consoleOf(line), process: bareProcess() })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
  return {
    announce: () => postMessage.call(globalThis, 'ready'),
    // node:crypto costs 8 ms of a realm's 25, so it is loaded when a function asks; its loader needs to see Deno for that moment.
    load: (name) => {
      Object.defineProperty(globalThis, 'Deno', { value: deno, configurable: true });
      try {
        return getBuiltinModule(name);
      } finally {
        Reflect.deleteProperty(globalThis, 'Deno');
      }
    },
  };
}

function consoleOf(line: (level: LogLevel, message: string) => void): Record<string, unknown> {
  const at =
    (level: LogLevel) =>
    (...parts: unknown[]) =>
      line(level, parts.map((part) => (typeof part === 'string' ? part : plainText(part))).join(' '));
  const quiet = () => undefined;
  return {
    debug: at('debug'), trace: at('debug'), log: at('info'), info: at('info'), dir: at('info'), table: at('info'), warn: at('warn'), error: at('error'),
    assert: quiet, group: quiet, groupEnd: quiet, time: quiet, timeEnd: quiet, timeLog: quiet, count: quiet, clear: quiet,
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
