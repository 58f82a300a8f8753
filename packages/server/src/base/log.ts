/**
 * The server's own log: JSON lines on stdout, with secrets removed at any depth before they are written.
 * Not the customer's activity log, which lives in the database.
 */
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';

const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|set-cookie|credentials?|private_?key|client_?assertion|code_?verifier|(x[-_])?api[-_]?key|encryption[-_]?keys?)$|token$|tokens$|secret$|secrets$|password$|passphrase$/i;
const REMOVED = '[removed]';
const DEPTH_MAX = 6;

/** @param level `trace` … `fatal`, or `silent` */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => redactFields(fields, 0),
    },
    hooks: {
      // Messages may quote a header or a URL too.
      streamWrite: (line: string) => scrub(line),
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

function redactFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactValue(name, value, depth)]));
}

function redactValue(name: string, value: unknown, depth: number): unknown {
  if (SECRET_NAME.test(name) && (typeof value === 'string' || (typeof value === 'object' && value !== null))) return REMOVED;
  if (typeof value !== 'object' || value === null || value instanceof Date || Buffer.isBuffer(value)) return value;
  if (depth >= DEPTH_MAX) return '[too deep]';
  if (value instanceof Error) return redactFields({ ...stdSerializers.err(value) }, depth + 1);
  if (Array.isArray(value)) return value.map((item) => redactValue('', item, depth + 1));
  if (value instanceof Map || value instanceof Set) return `[${value.constructor.name} of ${value.size}]`;
  return redactFields({ ...value }, depth + 1);
}

/** In a query: what sign-ins and published clients put there, in nested names too. */
const SECRET_PARAMETER =
  /([?&](?:[\w.-]|%5B|%5D|\[|\])*?(?:token|secret|override|password|api_?key|credentials|hmac|signature|code|state|verifier)(?:[\w.-]|%5B|%5D|\[|\])*=)[^&\s"\\#]+/gi;

function scrub(line: string): string {
  return line
    .replace(/\b(Bearer|Basic) [\w.~+/=-]{8,}/g, `$1 ${REMOVED}`)
    .replace(/:\/\/[^/\s:@"]*:[^/\s@"]+@/g, `://${REMOVED}@`)
    .replace(SECRET_PARAMETER, `$1${REMOVED}`)
    .replace(/\bnango_connect_session_\w{8,}/g, REMOVED);
}
