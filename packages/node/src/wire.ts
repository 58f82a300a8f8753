/** What the routes take and answer, from the contract. Types only: the build writes them out flat, so what is published depends on no package. */
import type { General } from '@bowline/api/answers';
import type { connect } from '@bowline/api/connect';
import type { connections } from '@bowline/api/connections';
import type { environment } from '@bowline/api/environment';
import type { integrations } from '@bowline/api/integrations';
import type { logs } from '@bowline/api/logs';
import type { ProblemCode as Code } from '@bowline/api/problems';
import type { providers } from '@bowline/api/providers';
import type { proxyRoute } from '@bowline/api/proxy';
import type { records } from '@bowline/api/records';
import type { Received, Sent } from '@bowline/api/route';
import type { syncs } from '@bowline/api/syncs';

/**
 * What the server may refuse with, as `code` of an error. The list may grow.
 *
 * @example
 * import type { ProblemCode } from '@bowline/node';
 * const isOver: ProblemCode[] = ['unknown_connection', 'not_found'];
 */
export type ProblemCode = Code;
/** What Bowline itself may answer to a proxied call. */
export type ProxyRefusal = [...typeof proxyRoute.problems, ...General<typeof proxyRoute>][number];

/**
 * The providers of the catalogue.
 *
 * @example
 * import type { Providers } from '@bowline/node';
 * const { data }: Providers = await client.listProviders({ search: 'git' });
 */
export type Providers = Received<typeof providers.list>;
/**
 * One provider with all that the catalogue says of it.
 *
 * @example
 * import type { Provider } from '@bowline/node';
 * const { data }: Provider = await client.getProvider({ provider: 'github' });
 * console.log(data.auth_mode);
 */
export type Provider = Received<typeof providers.get>;

/**
 * The integrations of the environment, as the route has them; `listIntegrations` calls the list `configs`.
 *
 * @example
 * import type { Integrations } from '@bowline/node';
 * const names = ({ data }: Integrations) => data.map(({ unique_key }) => unique_key);
 */
export type Integrations = Received<typeof integrations.list>;
/**
 * One integration, with what was asked for.
 *
 * @example
 * import type { Integration } from '@bowline/node';
 * const { data }: Integration = await client.getIntegration({ uniqueKey: 'github' }, { include: ['credentials'] });
 * console.log(data.credentials?.client_id);
 */
export type Integration = Received<typeof integrations.get>;
/**
 * An integration to make.
 *
 * @example
 * import type { NewIntegration } from '@bowline/node';
 * const github: NewIntegration = {
 *   provider: 'github',
 *   unique_key: 'github',
 *   credentials: { type: 'OAUTH2', client_id: 'Iv1.8a61f9b3a7aba766', client_secret: secretKey, scopes: 'repo' },
 * };
 * await client.createIntegration(github);
 */
export type NewIntegration = Sent<typeof integrations.create>['body'];
/**
 * An integration to make on an app that the operator of the server shares.
 *
 * @example
 * import type { QuickstartIntegration } from '@bowline/node';
 * const github: QuickstartIntegration = { provider: 'github', unique_key: 'github' };
 * await client.createQuickstartIntegration(github);
 */
export type QuickstartIntegration = Sent<typeof integrations.quickstart>['body'];
/**
 * What to change of an integration; the rest stays.
 *
 * @example
 * import type { IntegrationChange } from '@bowline/node';
 * const renamed: IntegrationChange = { display_name: 'GitHub' };
 * await client.updateIntegration({ uniqueKey: 'github' }, renamed);
 */
export type IntegrationChange = Sent<typeof integrations.update>['body'];
/**
 * A page of the functions of one integration.
 *
 * @example
 * import type { Functions } from '@bowline/node';
 * const { data, pagination }: Functions = await client.listFunctions({ uniqueKey: 'github' });
 */
export type Functions = Received<typeof integrations.functions>;
/**
 * The source of one function.
 *
 * @example
 * import type { FunctionCode } from '@bowline/node';
 * const { code }: FunctionCode = await client.getFunctionCode({ uniqueKey: 'github', name: 'issues' });
 */
export type FunctionCode = Received<typeof integrations.functionCode>;

/**
 * A page of connections, without credentials.
 *
 * @example
 * import type { Connections } from '@bowline/node';
 * const { connections }: Connections = await client.listConnections();
 * const failing = connections.filter(({ errors }) => errors.length > 0);
 */
export type Connections = Received<typeof connections.list>;
/**
 * One connection whole, with credentials that are good to use.
 *
 * @example
 * import type { Connection } from '@bowline/node';
 * const connection: Connection = await client.getConnection('github', 'user-1');
 * console.log(connection.end_user?.email);
 */
export type Connection = Received<typeof connections.get>;
/**
 * What to change of a connection; the rest stays.
 *
 * @example
 * import type { ConnectionChange } from '@bowline/node';
 * const moved: ConnectionChange = { tags: { team: 'blue' } };
 * await client.patchConnection({ connectionId: 'user-1', provider_config_key: 'github' }, moved);
 */
export type ConnectionChange = Sent<typeof connections.update>['body'];
/**
 * Metadata that was set or merged, and where: what the server answers is the request.
 *
 * @example
 * import type { MetadataChange } from '@bowline/node';
 * const { data }: { data: MetadataChange } = await client.updateMetadata('github', 'user-1', { repository: 'octocat/hello-world' });
 */
export type MetadataChange = Received<typeof connections.setMetadata>;

/**
 * Who connects, and what they may connect.
 *
 * @example
 * import type { ConnectSessionRequest } from '@bowline/node';
 * const wanted: ConnectSessionRequest = { end_user: { id: 'user-1', email: 'ada@example.com' }, allowed_integrations: ['github'] };
 * const { data } = await client.createConnectSession(wanted);
 */
export type ConnectSessionRequest = Sent<typeof connect.createSession>['body'];
/**
 * The connection to repair.
 *
 * @example
 * import type { ReconnectSessionRequest } from '@bowline/node';
 * const wanted: ReconnectSessionRequest = { connection_id: 'user-1', integration_id: 'github' };
 * const { data } = await client.createReconnectSession(wanted);
 */
export type ReconnectSessionRequest = Sent<typeof connect.reconnectSession>['body'];
/**
 * A connect session: its token is for the browser.
 *
 * @example
 * import type { ConnectSession } from '@bowline/node';
 * const session: ConnectSession = await client.createConnectSession({ end_user: { id: 'user-1' } });
 * console.log(session.data.connect_link, session.data.expires_at);
 */
export type ConnectSession = Received<typeof connect.createSession>;

/** One of the records answered, without the author's own fields. */
export type StoredRecord = Received<typeof records.list>['records'][number];
/**
 * How many records were emptied, and whether some are left.
 *
 * @example
 * import type { Pruned } from '@bowline/node';
 * let pruned: Pruned;
 * do pruned = await client.pruneRecords({ ...issues, untilCursor: cursor ?? '' });
 * while (pruned.has_more);
 */
export type Pruned = Received<typeof records.prune>;

/**
 * `syncs`: what became of each.
 *
 * @example
 * import type { Triggered } from '@bowline/node';
 * const { data }: { data: Triggered } = await client.triggerSync('github', ['issues'], 'user-1');
 * const started = data.syncs.filter(({ outcome }) => outcome === 'started');
 */
export type Triggered = Received<typeof syncs.trigger>;
/**
 * How syncs are doing.
 *
 * @example
 * import type { SyncStatuses } from '@bowline/node';
 * const { syncs }: SyncStatuses = await client.syncStatus('github', '*', 'user-1');
 * const failing = syncs.filter(({ status }) => status === 'ERROR');
 */
export type SyncStatuses = Received<typeof syncs.status>;
/**
 * How often a sync runs now.
 *
 * @example
 * import type { SyncFrequency } from '@bowline/node';
 * const { frequency }: SyncFrequency = await client.updateSyncConnectionFrequency('github', 'issues', 'user-1', 'every hour');
 */
export type SyncFrequency = Received<typeof syncs.frequency>;
/**
 * The variant that was made.
 *
 * @example
 * import type { SyncVariant } from '@bowline/node';
 * const { id }: SyncVariant = await client.createSyncVariant({
 *   provider_config_key: 'github',
 *   connection_id: 'user-1',
 *   name: 'issues',
 *   variant: 'archived',
 * });
 */
export type SyncVariant = Received<typeof syncs.createVariant>;
/**
 * That it was done.
 *
 * @example
 * import type { Success } from '@bowline/node';
 * const { data }: { data: Success } = await client.startSync('github', ['issues'], 'user-1');
 */
export type Success = Received<typeof syncs.start>;

/**
 * The variables of the environment.
 *
 * @example
 * import type { Variables } from '@bowline/node';
 * const variables: Variables = await client.getEnvironmentVariables();
 * const channel = variables.find(({ name }) => name === 'SUPPORT_CHANNEL')?.value;
 */
export type Variables = Received<typeof environment.variables>;
/**
 * The environment that a key belongs to.
 *
 * @example
 * import type { Environment } from '@bowline/node';
 * const { data }: { data: Environment } = await client.getEnvironment();
 */
export type Environment = Received<typeof environment.current>['data'];

/**
 * A page of the activity log.
 *
 * @example
 * import type { Operations } from '@bowline/node';
 * const { operations }: Operations = await client.listOperations({ type: 'sync' });
 */
export type Operations = Received<typeof logs.operations>;
/**
 * One operation with a page of its messages.
 *
 * @example
 * import type { OperationMessages } from '@bowline/node';
 * const texts = ({ messages }: OperationMessages) => messages.map(({ message }) => message);
 */
export type OperationMessages = Received<typeof logs.operation>;
