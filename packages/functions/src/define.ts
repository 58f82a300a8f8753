/**
 * How an author declares a function. The three `create*` calls return what they are given, with the kind in front.
 * `exec` is a property, not a method, so that `Parameters<(typeof sync)['exec']>[0]` is the fully typed `nango`.
 */
import type { z } from 'zod';
import type { NangoAction } from './action-context.ts';
import type { Untyped } from './proxy.ts';
import type { ZodCheckpoint, ZodMetadata, ZodModels } from './schema.ts';
import type { NangoSync } from './sync-context.ts';

/**
 * Declares a sync: a function the platform keeps running for each connection, whose records the app reads.
 * In: the options. Out: the same, with `type: 'sync'`. The file exports it as default.
 *
 * @example
 * export default createSync({
 *   description: 'Contacts of the account',
 *   frequency: 'every hour',
 *   autoStart: true,
 *   models: { Contact: z.object({ id: z.string(), name: z.string() }) },
 *   exec: async (nango) => {
 *     await nango.trackDeletesStart('Contact');
 *     for await (const page of nango.paginate<Contact>({ endpoint: '/contacts', retries: 3 })) await nango.batchSave(page, 'Contact');
 *     await nango.trackDeletesEnd('Contact');
 *   },
 * });
 */
export const createSync = <
  Models extends ZodModels,
  Metadata extends ZodMetadata = undefined,
  Checkpoint extends ZodCheckpoint = undefined,
>(
  options: CreateSyncProps<Models, Metadata, Checkpoint>,
): CreateSyncResponse<Models, Metadata, Checkpoint> => ({ type: 'sync', ...options });

/**
 * Declares an action: a function the app calls, with input and output.
 * In: the options. Out: the same, with `type: 'action'`. The file exports it as default.
 *
 * @example
 * export default createAction({
 *   description: 'Creates a contact',
 *   input: z.object({ name: z.string() }),
 *   output: z.object({ id: z.string() }),
 *   exec: async (nango, input) => {
 *     const response = await nango.post({ endpoint: '/contacts', data: input });
 *     return { id: String(response.data.id) };
 *   },
 * });
 */
export const createAction = <
  Input extends z.ZodType,
  Output extends z.ZodType,
  Metadata extends ZodMetadata = undefined,
  Checkpoint extends ZodCheckpoint = undefined,
>(
  options: CreateActionProps<Input, Output, Metadata, Checkpoint>,
): CreateActionResponse<Input, Output, Metadata, Checkpoint> => ({ type: 'action', ...options });

/**
 * Declares a function that runs when something happens to a connection.
 * In: the options. Out: the same, with `type: 'onEvent'`. The file exports it as default.
 *
 * @example
 * export default createOnEvent({
 *   description: 'Removes our webhook from the account',
 *   event: 'pre-connection-deletion',
 *   exec: async (nango) => { await nango.delete({ endpoint: '/webhooks/ours' }); },
 * });
 */
export const createOnEvent = <Metadata extends ZodMetadata = undefined, Checkpoint extends ZodCheckpoint = undefined>(
  options: CreateOnEventProps<Metadata, Checkpoint>,
): CreateOnEventResponse<Metadata, Checkpoint> => ({ type: 'onEvent', ...options });

/** @deprecated A path under which older clients reach a function. */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  group?: string;
}

interface FunctionProps<Metadata, Checkpoint> {
  /** What it does, in one sentence; at most 2,000 characters. */
  description: string;
  /** As `1.0.0`; counted up by the server when left out. */
  version?: string;
  /** What the app stores on the connection for this function. */
  metadata?: Metadata;
  /** The resume point: a flat object of strings, numbers and booleans. */
  checkpoint?: Checkpoint;
}

/** Options of `createSync`. */
export interface CreateSyncProps<
  Models extends ZodModels,
  Metadata extends ZodMetadata = undefined,
  Checkpoint extends ZodCheckpoint = undefined,
> extends FunctionProps<Metadata, Checkpoint> {
  /** `every 5 minutes`, `every hour`, `every half day`; between 30 seconds and 31 days. */
  frequency: string;
  /** Names as `Issue`, each with a string `id`; unique among the syncs of the integration. */
  models: Models;
  /** Start as soon as a connection exists. Left out it is false: the app starts the sync. */
  autoStart?: boolean;
  /** The provider's scopes this needs; for information. */
  scopes?: string[];
  /** Types of the provider's webhooks handed to `onWebhook`; `*` is every type. */
  webhookSubscriptions?: string[];
  /** `connection`: those of a connection are handled one after the other, in the order in which they came. Default `any`: side by side. */
  webhookOrder?: 'any' | 'connection';
  exec: (nango: NangoSync<Models, Metadata, Checkpoint>) => Promise<void> | void;
  onWebhook?: (nango: NangoSync<Models, Metadata, Checkpoint>, payload: Untyped) => Promise<void> | void;
  /** @deprecated One for each model. */
  endpoints?: Endpoint[];
  /** @deprecated Use a checkpoint. */
  syncType?: 'full' | 'incremental';
  /** @deprecated Use `trackDeletesStart` and `trackDeletesEnd`. */
  trackDeletes?: boolean;
}

/** Options of `createAction`. */
export interface CreateActionProps<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Metadata extends ZodMetadata = undefined,
  Checkpoint extends ZodCheckpoint = undefined,
> extends FunctionProps<Metadata, Checkpoint> {
  input: Input;
  output: Output;
  /** The provider's scopes this needs; for information. */
  scopes?: string[];
  exec: (nango: NangoAction<Metadata, Checkpoint>, input: z.infer<Input>) => Promise<z.infer<Output>> | z.infer<Output>;
  /** @deprecated */
  endpoint?: Endpoint;
}

/** Options of `createOnEvent`. */
export interface CreateOnEventProps<Metadata extends ZodMetadata = undefined, Checkpoint extends ZodCheckpoint = undefined>
  extends FunctionProps<Metadata, Checkpoint> {
  event: 'post-connection-creation' | 'pre-connection-deletion' | 'validate-connection';
  exec: (nango: NangoAction<Metadata, Checkpoint>) => Promise<void> | void;
}

export interface CreateSyncResponse<
  Models extends ZodModels,
  Metadata extends ZodMetadata = undefined,
  Checkpoint extends ZodCheckpoint = undefined,
> extends CreateSyncProps<Models, Metadata, Checkpoint> {
  type: 'sync';
}

export interface CreateActionResponse<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Metadata extends ZodMetadata = undefined,
  Checkpoint extends ZodCheckpoint = undefined,
> extends CreateActionProps<Input, Output, Metadata, Checkpoint> {
  type: 'action';
}

export interface CreateOnEventResponse<Metadata extends ZodMetadata = undefined, Checkpoint extends ZodCheckpoint = undefined>
  extends CreateOnEventProps<Metadata, Checkpoint> {
  type: 'onEvent';
}

/** What a file's default export is, whichever of the three declared it. */
export type CreateAnyResponse =
  | CreateSyncResponse<ZodModels, ZodMetadata, ZodCheckpoint>
  | CreateActionResponse<z.ZodType, z.ZodType, ZodMetadata, ZodCheckpoint>
  | CreateOnEventResponse<ZodMetadata, ZodCheckpoint>;
