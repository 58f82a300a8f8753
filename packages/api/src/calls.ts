/**
 * Calls: every question an authored function may ask its host, as a table of method → parameters (parsed by the host) and value.
 * A function is untrusted code: the host parses every `params` with these schemas and decides by the run, never by what is claimed here.
 */
import * as z from 'zod';

const model = z.string().min(1).max(255);
const ids = z.array(z.string().min(1)).max(1000);
const text = z.string().min(1).max(2048);
const scalar = z.union([z.string().max(4000), z.number(), z.boolean()]);
/** Flat, at most 16 fields, keys up to 255 characters, strings up to 4,000 (the reference's limits). */
export const checkpointShape = z
  .record(z.string().min(1).max(255), scalar)
  .refine((value) => Object.keys(value).length <= 16, 'A checkpoint has at most 16 fields.');

/** Whose connection; left out means the run's own. */
const target = { providerConfigKey: text.optional(), connectionId: text.optional() };

export const proxyParams = z.object({
  ...target,
  endpoint: z.string().max(65_536),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']),
  /** A query text (with or without `?`) or pairs; arrays arrive comma-joined and undefined keys are gone. */
  params: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  headers: z.record(z.string(), z.string()),
  retries: z.number().int().min(0).max(100),
  retryOn: z.array(z.number().int()).optional(),
  retryHeader: z.object({ at: z.string().optional(), after: z.string().optional() }).optional(),
  baseUrlOverride: z.string().optional(),
  responseType: z.enum(['json', 'text', 'arraybuffer', 'stream', 'blob', 'document']).optional(),
  decompress: z.boolean().optional(),
  forwardHeadersOnRedirect: z.boolean().optional(),
  /** The request body is the frame's body; this is its type when neither caller nor provider names one. Absent: no body. */
  contentType: z.string().optional(),
});

const fetchParams = z.object({
  url: z.string().max(65_536),
  method: z.string().max(16),
  headers: z.array(z.tuple([z.string(), z.string()])),
  hasBody: z.boolean(),
});

/** The upstream's answer, any status: the sandbox decides what throws. The raw body is the frame's body. Header names are lower case. */
export type HttpAnswer = { status: number; statusText: string; headers: Record<string, string | string[]>; url?: string };
export type SaveAnswer = { added: number; updated: number; deleted: number; unchanged: number };
/** The records are the frame's body: one JSON array, each with its `_nango_metadata`. */
export type ListAnswer = { nextCursor: string | null };

/** Curried because TypeScript infers all type arguments or none: the value is named, the schema inferred. */
const answers =
  <V>() =>
  <P extends z.ZodType>(params: P): { readonly params: P; readonly value?: V } => ({ params });

const none = z.object({});
const writes = z.object({ model, ids });

export const calls = {
  proxy: answers<HttpAnswer>()(proxyParams),
  fetch: answers<HttpAnswer>()(fetchParams),
  'connection.get': answers<Record<string, unknown>>()(
    z.object({
      ...target,
      refreshToken: z.boolean().optional(),
      refreshGithubAppJwtToken: z.boolean().optional(),
      forceRefresh: z.boolean().optional(),
    }),
  ),
  'metadata.set': answers<unknown>()(z.object({ metadata: z.record(z.string(), z.unknown()) })),
  'metadata.update': answers<unknown>()(z.object({ metadata: z.record(z.string(), z.unknown()) })),
  'token.get': answers<unknown>()(none),
  'integration.get': answers<Record<string, unknown>>()(z.object({ include: z.array(z.enum(['webhook', 'credentials'])) })),
  'variables.get': answers<{ name: string; value: string }[] | null>()(none),
  'attributes.get': answers<Record<string, unknown>>()(none),
  /** Body: one canonical JSON text per record, in the order of `ids`, joined by '\n'. */
  'records.save': answers<SaveAnswer>()(writes),
  'records.update': answers<SaveAnswer>()(writes),
  'records.delete': answers<SaveAnswer>()(writes),
  /** They came from the provider and could not be stored: the end of a crawl under way must not take them for gone. */
  'records.met': answers<null>()(writes),
  'records.byIds': answers<null>()(z.object({ model, ids: ids.max(100) })),
  'records.list': answers<ListAnswer>()(z.object({ model, cursor: z.string().optional(), limit: z.number().int().min(1).max(1000) })),
  'records.trackDeletesStart': answers<null>()(z.object({ model })),
  'records.trackDeletesEnd': answers<{ deletedKeys: string[] }>()(z.object({ model })),
  'records.deletePrevious': answers<{ deletedKeys: string[] }>()(z.object({ model })),
  'records.mergingStrategy': answers<null>()(z.object({ model, strategy: z.enum(['override', 'ignore_if_modified_after']) })),
  'checkpoint.get': answers<Record<string, string | number | boolean> | null>()(none),
  'checkpoint.save': answers<null>()(z.object({ checkpoint: checkpointShape })),
  'checkpoint.clear': answers<null>()(none),
  'lock.acquire': answers<boolean>()(z.object({ key: z.string().min(1).max(255), ttlMs: z.number().int().positive() })),
  'lock.release': answers<boolean>()(z.object({ key: z.string().min(1).max(255) })),
  'lock.releaseAll': answers<null>()(none),
  'action.trigger': answers<unknown>()(
    z.object({ providerConfigKey: text, connectionId: text, name: text, input: z.unknown().optional() }),
  ),
  'sync.trigger': answers<unknown>()(
    z.object({
      providerConfigKey: text,
      connectionId: text,
      name: text,
      variant: text.optional(),
      reset: z.boolean().optional(),
      emptyCache: z.boolean().optional(),
    }),
  ),
  'sync.start': answers<unknown>()(
    z.object({
      providerConfigKey: text,
      connectionId: text.optional(),
      syncs: z.array(z.object({ name: text, variant: text.optional() })).min(1),
    }),
  ),
};

export type CallMethod = keyof typeof calls;
/** The calls about a noun: `records.save`, `records.list`, … */
export type CallsOf<Noun extends string> = Extract<CallMethod, `${Noun}.${string}`>;
/** About the connection, its integration and its environment, and starting other functions. */
export type ConnectionCall = CallsOf<'connection' | 'metadata' | 'token' | 'integration' | 'variables' | 'attributes' | 'action' | 'sync'>;
export type CallParams<M extends CallMethod> = z.input<(typeof calls)[M]['params']>;
export type CallValue<M extends CallMethod> = NonNullable<(typeof calls)[M]['value']> | Extract<(typeof calls)[M]['value'], null>;

/** True when a name a sandbox sent is a method of the table. */
export function isCallMethod(name: string): name is CallMethod {
  return Object.hasOwn(calls, name);
}
