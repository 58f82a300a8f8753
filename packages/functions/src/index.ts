/** What authors of functions import, as `bowline` or `nango`. Types and three identity functions: nothing here runs on the platform. */
export type { LogLevel, NangoAction, NangoAction as BowlineAction, TriggerSyncOptions } from './action-context.ts';
export type { Connection, ConnectionOptions, Credentials, EndUser, FunctionMetadata, Integration } from './connection.ts';
export type {
  CreateActionProps,
  CreateActionResponse,
  CreateAnyResponse,
  CreateOnEventProps,
  CreateOnEventResponse,
  CreateSyncProps,
  CreateSyncResponse,
  Endpoint,
} from './define.ts';
export { createAction, createOnEvent, createSync } from './define.ts';
export type { ActionError, ActionErrorConstructor } from './error.ts';
export type {
  CursorPagination,
  HttpMethod,
  LinkPagination,
  OffsetPagination,
  Pagination,
  ProxyConfiguration,
  ProxyResponse,
} from './proxy.ts';
export type { ZodCheckpoint, ZodMetadata, ZodModel, ZodModels } from './schema.ts';
export type { NangoSync, NangoSync as BowlineSync } from './sync-context.ts';
