/**
 * `nango.log` and the author's console: a message, a meta object and a level, within the limits of the activity log.
 * Logging never fails a function: what cannot be encoded is named, what is too long is cut.
 */
import type { LogLevel, RunSpec } from '@bowline/api/protocol';
import type { Port } from './port.ts';
import { messageCharsMax, plainText, truncated } from './truncate.ts';

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, off: 4 };
const levelNames: Record<string, LogLevel> = {
  debug: 'debug',
  verbose: 'debug',
  silly: 'debug',
  http: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
  off: 'off',
};

export type Log = {
  log: (...parts: unknown[]) => Promise<void>;
  setLogger: (options: { level: string }) => void;
  line: (level: LogLevel, message: string, meta?: unknown) => void;
  begin: (run: RunSpec) => void;
};

export function createLog(port: Pick<Port, 'log'>): Log {
  let floor: LogLevel = 'debug';
  const line = (level: LogLevel, message: string, meta?: unknown) => {
    if (level === 'off' || rank[level] < rank[floor]) return;
    port.log(level, message.length > messageCharsMax ? `${message.slice(0, messageCharsMax)}… (cut)` : message, truncated(meta));
  };
  return {
    line,
    begin: (run) => {
      floor = run.logLevel ?? 'debug';
    },
    setLogger: ({ level }) => {
      if (floor !== 'off') floor = levelNames[level] ?? floor;
    },
    log: async (...parts) => {
      const level = takeLevel(parts);
      const [message, meta] = parts;
      line(level, typeof message === 'string' ? message : plainText(message), asFields(meta));
    },
  };
}

/** The last argument names the level when it is an object with `level`; the key is taken out, and the object with it when nothing else is left. */
function takeLevel(parts: unknown[]): LogLevel {
  const last = parts.at(-1);
  if (parts.length < 2 || typeof last !== 'object' || last === null || !('level' in last)) return 'info';
  const { level, ...rest } = last;
  if (Object.keys(rest).length === 0) parts.pop();
  else parts[parts.length - 1] = rest;
  return levelNames[String(level)] ?? 'info';
}

function asFields(meta: unknown): unknown {
  if (meta === undefined || meta === null) return undefined;
  if (Array.isArray(meta)) return Object.fromEntries(meta.entries());
  return typeof meta === 'object' ? meta : { value: meta };
}
