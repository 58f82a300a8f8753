/** What a function may read and change of its connection, its integration and its environment. */
import type { ConnectionCall } from '@bowline/api/calls';
import type { JsonObject } from '@bowline/api/fields';
import { accessConnection } from '../connections/access.ts';
import { findWithIntegration } from '../connections/find.ts';
import { setMetadata, updateMetadata } from '../connections/metadata.ts';
import { shownConnection } from '../connections/shown.ts';
import { handedOut, withoutRefreshTokens } from '../credentials/redact.ts';
import { listVariables } from '../environments/variables.ts';
import { webhookUrl, wireIntegration, wireSecrets } from '../integrations/integration.ts';
import type { RunContext } from './context.ts';
import type { HostCalls } from './host-calls.ts';
import { fenced } from './lease.ts';

const own = ({ integration, connection }: RunContext) => ({
  providerConfigKey: integration.uniqueKey,
  connectionId: connection.connectionId,
});

export const connectionCalls: HostCalls<ConnectionCall> = {
  'connection.get': async (context, params) => {
    const name = {
      providerConfigKey: params.providerConfigKey ?? own(context).providerConfigKey,
      connectionId: params.connectionId ?? own(context).connectionId,
    };
    const target = await findWithIntegration(context.world, context.scope, name);
    const { connection, access } = await accessConnection(context.world, context.scope, target, { force: params.forceRefresh ?? false });
    const wire = await shownConnection(context.world, { connection, access });
    return { value: params.refreshToken ? wire : withoutRefreshTokens(wire) };
  },
  'metadata.set': async (context, { metadata }) => {
    const change = { ...own(context), connectionIds: [context.connection.connectionId], metadata };
    await fenced(context, (world) => setMetadata(world, context.scope, change));
    return { value: { success: true } };
  },
  'metadata.update': async (context, { metadata }) => {
    const change = { ...own(context), connectionIds: [context.connection.connectionId], metadata };
    await fenced(context, (world) => updateMetadata(world, context.scope, change));
    return { value: { success: true } };
  },
  'token.get': async (context) => {
    const target = await findWithIntegration(context.world, context.scope, own(context));
    const { access } = await accessConnection(context.world, context.scope, target);
    const { credentials } = access;
    const { access_token: token } = { access_token: undefined, ...(credentials.type === 'CUSTOM' ? credentials.app : credentials) };
    return { value: token ?? withoutRefreshTokens(handedOut(credentials)) };
  },
  'integration.get': async (context, { include }) => {
    const { world, scope, integration } = context;
    const credentials = include.includes('credentials') ? await wireSecrets(world, integration) : null;
    const extra: JsonObject = {
      ...(include.includes('webhook') ? { webhook_url: webhookUrl(world, scope.environment, integration) } : {}),
      ...(credentials ? { credentials } : {}),
    };
    return { value: { ...wireIntegration(world, integration), ...extra } };
  },
  'variables.get': async ({ world, scope }) => ({ value: await listVariables(world, scope.environment.id) }),
  'attributes.get': async ({ fn }) => ({ value: fn.config.attributes ?? {} }),
  'action.trigger': async ({ world, scope }, params) => ({
    value: await world.upcalls.triggerAction(scope, { ...params, input: params.input }),
  }),
  'sync.trigger': async ({ world, scope }, params) => {
    await world.upcalls.triggerSync(scope, {
      ...params,
      variant: params.variant ?? 'base',
      reset: params.reset ?? false,
      emptyCache: params.emptyCache ?? false,
    });
    return { value: { success: true } };
  },
  'sync.start': async ({ world, scope }, params) => {
    const syncs = params.syncs.map(({ name, variant }) => ({ name, variant: variant ?? 'base' }));
    await world.upcalls.startSyncs(scope, { ...params, syncs });
    return { value: { success: true } };
  },
};
