/** `@bowline/node`: the client, its errors, and the types of what goes in and out. */
export type { ActionCall, AsyncOptions, StartedAction } from './actions.ts';
export { Bowline, Bowline as Nango } from './client.ts';
export type { ConnectionFilter, OlderFilter } from './connection-filter.ts';
export type { Token, Waiting } from './connections.ts';
export type { Consumed, Consuming, PageHandler, Position } from './consume.ts';
export { type CursorStore, memoryCursors } from './cursor-store.ts';
export type { ScriptConfig, ScriptsConfig, ScriptTools } from './environment.ts';
export { BowlineError, type ClientCode, type Issue, ProxyError } from './errors.ts';
export {
  type AppField,
  type FieldMappingOptions,
  type FieldType,
  fieldMappingHandler,
  type Mappable,
  type Mapping,
  type MappingIssue,
  type ProviderField,
} from './field-mapping.ts';
export type { FunctionQuery } from './functions.ts';
export type { IntegrationAnswer } from './integrations.ts';
export type { OperationQuery } from './logs.ts';
export type { ActionName, ModelName, Project } from './project.ts';
export type { FunctionTemplate } from './providers.ts';
export type { MethodlessCall } from './proxy.ts';
export type { ProxyBody, ProxyCall } from './proxy-request.ts';
export type { ChangePage, RecordMetadata, RecordPage, SyncedRecord } from './record-page.ts';
export type { ChangeFilter, PruneQuery, RecordQuery } from './records.ts';
export type { Reply, ReplyHeaders, ResponseType, Untyped } from './reply.ts';
export type { CallOptions, ClientExtras, ClientOptions } from './settings.ts';
export type { SyncMode, SyncName, TriggerOptions, Variant } from './syncs.ts';
export type {
  AlertWebhook,
  AsyncActionWebhook,
  AuthWebhook,
  ConnectionDeletedWebhook,
  DeletionsHeldWebhook,
  EndpointWebhook,
  ForwardWebhook,
  RecordsChangedWebhook,
  SyncWebhook,
  WebhookEvent,
} from './webhook-event.ts';
export { fastifyWebhooks, nodeWebhookHandler, webhookHandler } from './webhook-handlers.ts';
export type { WebhookOptions } from './webhook-receiver.ts';
export type { Verifying, WebhookHeaders } from './webhooks.ts';
export type {
  Connection,
  ConnectionChange,
  Connections,
  ConnectSession,
  ConnectSessionRequest,
  Environment,
  FunctionCode,
  Functions,
  Integration,
  IntegrationChange,
  Integrations,
  MetadataChange,
  NewIntegration,
  OperationMessages,
  Operations,
  ProblemCode,
  Provider,
  Providers,
  Pruned,
  QuickstartIntegration,
  ReconnectSessionRequest,
  Success,
  SyncFrequency,
  SyncStatuses,
  SyncVariant,
  Triggered,
  Variables,
} from './wire.ts';
