/** What the routes take and answer, from the contract. Types only: the build writes them out flat, so what is published depends on no package. */
import type { General } from '@bowline/api/answers';
import type { connect } from '@bowline/api/connect';
import type { connections } from '@bowline/api/connections';
import type { environment } from '@bowline/api/environment';
import type { integrations } from '@bowline/api/integrations';
import type { ProblemCode as Code } from '@bowline/api/problems';
import type { providers } from '@bowline/api/providers';
import type { proxyRoute } from '@bowline/api/proxy';
import type { records } from '@bowline/api/records';
import type { Received, Sent } from '@bowline/api/route';
import type { syncs } from '@bowline/api/syncs';

export type ProblemCode = Code;
/** What Bowline itself may answer to a proxied call. */
export type ProxyRefusal = [...typeof proxyRoute.problems, ...General<typeof proxyRoute>][number];

export type Providers = Received<typeof providers.list>;
export type Provider = Received<typeof providers.get>;

export type Integrations = Received<typeof integrations.list>;
export type Integration = Received<typeof integrations.get>;
export type NewIntegration = Sent<typeof integrations.create>['body'];
export type QuickstartIntegration = Sent<typeof integrations.quickstart>['body'];
export type IntegrationChange = Sent<typeof integrations.update>['body'];
export type Functions = Received<typeof integrations.functions>;
export type FunctionCode = Received<typeof integrations.functionCode>;

export type Connections = Received<typeof connections.list>;
export type Connection = Received<typeof connections.get>;
export type ConnectionChange = Sent<typeof connections.update>['body'];
export type MetadataChange = Received<typeof connections.setMetadata>;

export type ConnectSessionRequest = Sent<typeof connect.createSession>['body'];
export type ReconnectSessionRequest = Sent<typeof connect.reconnectSession>['body'];
export type ConnectSession = Received<typeof connect.createSession>;

/** One of the records answered, without the author's own fields. */
export type StoredRecord = Received<typeof records.list>['records'][number];
export type Pruned = Received<typeof records.prune>;

/** `syncs`: what became of each. */
export type Triggered = Received<typeof syncs.trigger>;
export type SyncStatuses = Received<typeof syncs.status>;
export type SyncFrequency = Received<typeof syncs.frequency>;
export type SyncVariant = Received<typeof syncs.createVariant>;
export type Success = Received<typeof syncs.start>;

export type Variables = Received<typeof environment.variables>;
