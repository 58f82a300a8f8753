/**
 * The `nango` object an action or on-event function is given; a sync's has the records on top of it (`sync-context.ts`).
 * Everything goes through the platform: the function itself has no network, no files and no environment.
 * All methods are written as methods on purpose: their parameters stay bivariant, so that a helper which takes a plain `NangoAction` accepts
 * the fully parameterised one.
 */
import type { z } from 'zod';
import type { Connection, ConnectionOptions, FunctionMetadata, Integration } from './connection.ts';
import type { ActionErrorConstructor } from './error.ts';
import type { ProxyConfiguration, ProxyResponse, Untyped } from './proxy.ts';
import type { Infer, ZodCheckpoint, ZodMetadata } from './schema.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'off' | 'http' | 'verbose' | 'silly';

/**
 * The `nango` object of an action.
 *
 * @example
 * type Nango = Parameters<(typeof action)['exec']>[0]; // fully typed, for helpers in the same file
 * const listLabels = async (nango: NangoAction, repo: string) => (await nango.get({ endpoint: `/repos/${repo}/labels` })).data;
 */
export interface NangoAction<Metadata extends ZodMetadata = ZodMetadata, Checkpoint extends ZodCheckpoint = ZodCheckpoint> {
  readonly connectionId: string;
  readonly providerConfigKey: string;
  readonly provider?: string | undefined;
  readonly environmentId: number;
  readonly environmentName?: string | undefined;
  readonly activityLogId: string;
  readonly scriptType: 'sync' | 'action' | 'on-event' | 'webhook';
  readonly isCLI?: boolean | undefined;
  /** Throw one to fail with a payload the caller receives: `throw new nango.ActionError({ message: 'No such repository' })`. */
  readonly ActionError: ActionErrorConstructor;

  /** One authenticated call to the provider; GET unless `method` says otherwise. Throws on a status outside 2xx. */
  proxy<T = Untyped>(config: ProxyConfiguration): Promise<ProxyResponse<T>>;
  get<T = Untyped>(config: Omit<ProxyConfiguration, 'method'>): Promise<ProxyResponse<T>>;
  post<T = Untyped>(config: Omit<ProxyConfiguration, 'method'>): Promise<ProxyResponse<T>>;
  put<T = Untyped>(config: Omit<ProxyConfiguration, 'method'>): Promise<ProxyResponse<T>>;
  patch<T = Untyped>(config: Omit<ProxyConfiguration, 'method'>): Promise<ProxyResponse<T>>;
  delete<T = Untyped>(config: Omit<ProxyConfiguration, 'method'>): Promise<ProxyResponse<T>>;
  /** Every page of a list, fetched as the loop asks for it. */
  paginate<T = Untyped>(config: ProxyConfiguration): AsyncGenerator<T[], undefined, void>;
  /** A call without credentials or retries, for public URLs; `url` is a `URL` object. */
  uncontrolledFetch(options: { url: URL; method?: string; headers?: Record<string, string>; body?: string | null }): Promise<Response>;

  getConnection(providerConfigKey?: string, connectionId?: string, options?: ConnectionOptions): Promise<Connection>;
  getToken(): Promise<Untyped>;
  getIntegration(query?: { include?: ('webhook' | 'credentials')[] }): Promise<Integration>;
  getWebhookURL(): Promise<string | null | undefined>;
  getEnvironmentVariables(): Promise<{ name: string; value: string }[] | null>;

  /** What the app stored on the connection; at most 60 seconds old within a run. */
  getMetadata<T = Infer<Metadata>>(): Promise<T>;
  /** Replaces the connection's metadata. */
  setMetadata(metadata: Infer<Metadata>): Promise<ProxyResponse<unknown>>;
  /** Merges into the connection's metadata at the top level. */
  updateMetadata(metadata: Partial<Infer<Metadata>>): Promise<ProxyResponse<unknown>>;
  /** @deprecated Use `setMetadata`. */
  setFieldMapping(fieldMapping: Record<string, string>): Promise<ProxyResponse<unknown>>;
  /** @deprecated Use `getMetadata`. */
  getFieldMapping(): Promise<FunctionMetadata>;

  /** The value last saved for this function and connection; null before the first save and after a clear. */
  getCheckpoint(): Promise<Infer<Checkpoint> | null>;
  /** Replaces the checkpoint as a whole. A long run may be interrupted here and resumed by the next one. */
  saveCheckpoint(checkpoint: Infer<Checkpoint>): Promise<void>;
  clearCheckpoint(): Promise<void>;

  /** A line in the activity log. A last argument of `{ level: 'warn' }` sets the level, any other object is kept as detail. */
  log(message: unknown, ...details: unknown[]): Promise<void>;
  setLogger(logger: { level: LogLevel }): void;

  triggerAction<Out = Untyped, In = unknown>(providerConfigKey: string, connectionId: string, action: string, input?: In): Promise<Out>;
  triggerSync(
    providerConfigKey: string,
    connectionId: string,
    sync: string | { name: string; variant: string },
    options?: TriggerSyncOptions | string | boolean,
  ): Promise<string | undefined>;
  startSync(providerConfigKey: string, syncs: (string | { name: string; variant: string })[], connectionId?: string): Promise<void>;
  getFlowAttributes<A = FunctionMetadata>(): A | null;

  /** True when this run now holds the lock; it is released when the run ends. Scope: the environment. */
  tryAcquireLock(lock: { key: string; ttlMs: number }): Promise<boolean>;
  releaseLock(lock: { key: string }): Promise<boolean>;
  releaseAllLocks(): Promise<void>;

  /** Parses, or logs each issue and throws an `ActionError`. */
  zodValidateInput<Schema extends z.ZodType>(options: {
    zodSchema: Schema;
    input: unknown;
  }): Promise<{ success: true; data: z.infer<Schema> }>;
}

export interface TriggerSyncOptions {
  /** Run from the beginning: forget the checkpoint. */
  reset?: boolean;
  /** With `reset`: drop the records first. */
  emptyCache?: boolean;
}
