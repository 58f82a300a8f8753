/**
 * A run as it will be recorded, with nothing left out yet: secrets are searched and replaced in it as a whole, so that a value that came from
 * an answer and goes out in a request is replaced in both, and only then requests get their identity. Pure.
 */
import type { RunError } from '@bowline/api/sandbox-message';
import type { Kind } from '../dryrun/choose.ts';
import { modelsOf, type Plan, type Ran } from '../dryrun/execute.ts';
import type { Exchange, Found } from '../dryrun/setup.ts';
import type { Done } from '../fixture/host.ts';
import type { Request } from '../fixture/identity.ts';

/** `answer` is what was read of the body: JSON, a text, or base64 of bytes. */
export type DraftExchange = {
  request: Request;
  status: number;
  headers: Record<string, unknown>;
  answer: unknown;
  encoding?: 'base64';
};
export type Draft = {
  kind: Kind;
  clock: string;
  connectionId: string;
  provider: string;
  variant: string;
  lastSyncDate?: string;
  input?: unknown;
  payload?: unknown;
  output?: unknown;
  error?: Pick<RunError, 'type' | 'message' | 'payload'>;
  before: Done['checkpoint'];
  after?: Done['checkpoint'];
  connection?: { connection_config: unknown; credentials: unknown };
  metadata?: unknown;
  token?: unknown;
  integration?: Record<string, unknown>;
  variables?: { name: string; value: string }[];
  records: Record<string, unknown[]>;
  actions: Record<string, unknown>;
  saved: Record<string, unknown[]>;
  updated: Record<string, unknown[]>;
  deleted: Record<string, unknown[]>;
  exchanges: DraftExchange[];
};

export function draftOf({ kind, compiled, connection, values, variant }: Plan, ran: Ran): Draft {
  const { found, done, error, output, began } = ran;
  const own = found.connection;
  return {
    kind,
    clock: began,
    connectionId: connection.connection_id,
    provider: connection.provider,
    variant,
    ...given({ lastSyncDate: values.lastSyncDate, payload: values.payload, token: found.token }),
    ...given({ integration: found.integration, variables: found.variables }),
    ...(kind === 'action' ? { input: values.input ?? null } : {}),
    ...(error ? { error: errorOf(error) } : kind === 'action' ? { output } : {}),
    before: values.checkpoint ?? null,
    ...(found.usesCheckpoint ? { after: done.checkpoint } : {}),
    ...(own ? { connection: { connection_config: own.connection_config, credentials: own.credentials }, metadata: found.metadata } : {}),
    records: Object.fromEntries(Object.entries(found.records).map(([model, known]) => [model, [...known.values()]])),
    actions: found.actions,
    // Of each model, so that a replay that saves nothing is no longer right.
    saved: Object.fromEntries(modelsOf(compiled).map((model) => [model, done.batchSave[model] ?? []])),
    updated: done.batchUpdate,
    deleted: done.batchDelete,
    exchanges: exchangesOf(found),
  };
}

const given = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>; // nothing is added

/** A payload of the runtime's own holds lines of the source, which change with it. */
const errorOf = ({ type, message, payload }: RunError): NonNullable<Draft['error']> =>
  type === 'action_script_runtime_error' ? { type, message, payload } : { type, message };

const exchangesOf = ({ exchanges }: Found): DraftExchange[] =>
  exchanges.flatMap(({ request, sent }: Exchange): DraftExchange[] =>
    sent ? [{ request, status: sent.value.status, headers: headersOf(sent.value.headers), ...answerOf(sent.body) }] : [],
  );

/** Of the transport, of the day, or of nobody's use to a function. */
const untelling =
  /^(?:set-cookie|date|age|server|via|vary|alt-svc|nel|report-to|strict-transport-security|content-security-policy|permissions-policy|referrer-policy|cross-origin-.*|x-frame-options|x-content-type-options|x-xss-protection|x-powered-by|x-runtime|x-request-id|x-correlation-id|x-amzn-.*|x-amz-.*id.*|x-cache.*|cf-.*|x-served-by|x-timer|traceparent|server-timing|expect-ct|cache-control|expires|pragma|accept-ranges)$/;

const headersOf = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !untelling.test(name)));

/**
 * JSON is kept as JSON where that reads the same again: `"12"`, `null` and what looks like a Buffer would not. What is no text is kept as bytes.
 */
function answerOf(body: Buffer): Pick<DraftExchange, 'answer' | 'encoding'> {
  const text = body.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(body)) return { answer: body.toString('base64'), encoding: 'base64' };
  try {
    const parsed: unknown = JSON.parse(text);
    const isSame = typeof parsed === 'number' || typeof parsed === 'boolean' || (typeof parsed === 'object' && parsed !== null);
    return { answer: isSame && Object(parsed).type !== 'Buffer' ? parsed : text };
  } catch {
    return { answer: text };
  }
}
