/**
 * An operation: one entry of the customer's activity log, such as a sync run or a proxy call, with its messages.
 * Nothing here waits or throws: entries go to the journal, which saves them in batches. Secrets are removed on the way in.
 */
import type { World } from '../base/world.ts';
import type { FinalState, LogEntry, MessageLevel, OperationType } from './entry.ts';
import { newOperationId } from './operation-id.ts';
import { redactHeaders, redactMeta, redactText, redactUrl } from './redact.ts';

type Needs = Pick<World, 'journal' | 'clock' | 'random'>;
type InEnvironment = { readonly environment: { readonly id: number } };

export type NewOperation = {
  readonly type: OperationType;
  /** What exactly, such as `run`, `create_connection`, `deliver`. */
  readonly action: string;
  /** One line that a person reads first. */
  readonly title: string;
  readonly integration?: string | null | undefined;
  readonly provider?: string | null | undefined;
  readonly connection?: string | null | undefined;
  readonly function?: string | null | undefined;
  readonly meta?: unknown;
  /** An id of `newOperationId`, where it had to be known before. */
  readonly id?: string | undefined;
};
export type HttpExchange = {
  readonly request: { readonly method: string; readonly url: string; readonly headers?: Readonly<Record<string, unknown>> | undefined };
  readonly response?: { readonly status: number; readonly headers?: Readonly<Record<string, unknown>> | undefined } | undefined;
  /** Why there was no answer. */
  readonly error?: string | undefined;
  readonly durationMs: number;
  /** From 1. */
  readonly attempt: number;
};
export type OperationEnd = {
  readonly state: FinalState;
  /** Why it failed, in one sentence. */
  readonly error?: string | undefined;
  /** Replaces the first title. */
  readonly title?: string | undefined;
  /** Added to the operation's. */
  readonly meta?: unknown;
};
export type OperationHandle = {
  readonly id: string;
  log(level: MessageLevel, message: string, meta?: unknown): void;
  http(exchange: HttpExchange): void;
  /** The first end counts; later ones change nothing. */
  end(end: OperationEnd): void;
};

export function startOperation(world: Needs, scope: InEnvironment, wanted: NewOperation): OperationHandle {
  const id = wanted.id ?? newOperationId(world);
  write(world, {
    entry: 'start',
    environmentId: scope.environment.id,
    operationId: id,
    type: wanted.type,
    action: wanted.action,
    title: redactText(wanted.title, 500),
    integration: name(wanted.integration),
    provider: name(wanted.provider),
    connection: name(wanted.connection),
    function: name(wanted.function),
    startedAt: world.clock.now(),
    meta: redactMeta(wanted.meta).meta,
  });
  return resumeOperation(world, scope, id);
}

/** Continues an operation that another step or process started. */
export function resumeOperation(world: Needs, { environment }: InEnvironment, id: string): OperationHandle {
  const about = { environmentId: environment.id, operationId: id };
  let ended = false;
  return {
    id,
    log(level, message, given) {
      const { meta, truncated } = redactMeta(given);
      const text = redactText(truncated ? `${message.slice(0, 9_900)} (its data was too large and was cut)` : message);
      write(world, { ...about, entry: 'message', at: world.clock.now(), kind: 'log', level, message: text, meta });
    },
    http(exchange) {
      write(world, { ...about, entry: 'message', at: world.clock.now(), kind: 'http', ...describe(exchange) });
    },
    end({ state, error, title, meta }) {
      if (ended) return;
      ended = true;
      write(world, {
        ...about,
        entry: 'end',
        endedAt: world.clock.now(),
        state,
        error: error === undefined ? null : redactText(error, 2_000),
        title: title === undefined ? null : redactText(title, 500),
        meta: redactMeta(meta).meta,
      });
    },
  };
}

function describe({ request, response, error, durationMs, attempt }: HttpExchange) {
  const url = redactUrl(request.url);
  const failed = response === undefined || response.status >= 400;
  const outcome = response ? String(response.status) : redactText(error ?? 'no answer', 500);
  return {
    level: failed ? ('error' as const) : ('info' as const),
    message: redactText(`${request.method} ${url} → ${outcome}`),
    meta: {
      request: { method: request.method, url, headers: redactHeaders(request.headers ?? {}) },
      ...(response ? { response: { status: response.status, headers: redactHeaders(response.headers ?? {}) } } : {}),
      ...(error === undefined ? {} : { error: redactText(error, 2_000) }),
      duration_ms: Math.round(durationMs),
      attempt,
    },
  };
}

function name(text: string | null | undefined): string | null {
  return text ? redactText(text, 255) : null;
}

function write({ journal }: Needs, entry: LogEntry): void {
  journal.write(entry);
}
