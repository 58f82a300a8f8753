/** The doors of syncs. */
import { dashboard } from '@bowline/api/dashboard';
import { problem } from '@bowline/api/problem';
import { syncLimits } from '@bowline/api/sync-limits';
import { syncs } from '@bowline/api/syncs';
import type { World } from '../base/world.ts';
import { findConnection } from '../connections/find.ts';
import { listConnections } from '../connections/list.ts';
import { publishLive } from '../http/live.ts';
import type { Serve } from '../http/serve.ts';
import { changeLimits, showLimits } from './change-limits.ts';
import { chooseSyncs, pauseSyncs, startSyncs, type Trigger, triggerSyncs } from './control.ts';
import { listSyncs } from './find.ts';
import { setFrequency } from './frequency.ts';
import { approveDeletions, discardDeletions, listHeldDeletions } from './held.ts';
import { viewSyncs, wireDetail, wireStatus } from './status.ts';
import { createVariant, deleteVariant } from './variant.ts';

type TriggerBody = {
  opts?: { reset?: boolean | undefined; emptyCache?: boolean | undefined } | undefined;
  sync_mode?: 'incremental' | 'full_refresh' | 'full_refresh_and_clear_cache' | undefined;
  full_resync?: boolean | undefined;
};

export function bindSyncRoutes(serve: Serve, world: World): void {
  serve(syncs.trigger).by(async ({ body, headers }, scope) => {
    const providerConfigKey = body.provider_config_key ?? headers['provider-config-key'];
    if (!providerConfigKey) throw problem('missing_provider_config_key');
    const trigger = triggerOf(body);
    const connectionId = body.connection_id ?? headers['connection-id'];
    const chosen = await chooseSyncs(world, scope, { providerConfigKey, connectionId, syncs: body.syncs });
    const started = await triggerSyncs(world, scope, chosen, trigger);
    return {
      success: true,
      syncs: chosen.map(({ id, connection, name, variant }) => ({
        connection_id: connection,
        name,
        variant,
        outcome: started.has(id) ? ('started' as const) : ('already_running' as const),
      })),
    };
  });
  const switches = [
    [syncs.pause, pauseSyncs],
    [syncs.start, startSyncs],
  ] as const;
  for (const [route, verb] of switches) {
    serve(route).by(async ({ body }, scope) => {
      const choice = { providerConfigKey: body.provider_config_key, connectionId: body.connection_id, syncs: body.syncs };
      await verb(world, scope, await chooseSyncs(world, scope, choice));
      return { success: true };
    });
  }
  serve(syncs.frequency).by(async ({ body }, scope) => {
    const name = { connectionId: body.connection_id, providerConfigKey: body.provider_config_key };
    const connection = await findConnection(world, scope, name);
    const sync = (await listSyncs(world.db, scope, [connection.id])).find(
      (one) => one.name === body.sync_name && one.variant === body.sync_variant,
    );
    if (!sync) throw problem('unknown_sync', { message: `This connection has no sync "${body.sync_name}"` });
    return { frequency: await setFrequency(world, scope, sync, body.frequency) };
  });
  const nameOf = (params: { name: string; variant: string }, body: { provider_config_key: string; connection_id: string }) => ({
    ...params,
    providerConfigKey: body.provider_config_key,
    connectionId: body.connection_id,
  });
  const heldOf = (body: { provider_config_key: string; connection_id: string; model: string; variant: string }) => ({
    providerConfigKey: body.provider_config_key,
    connectionId: body.connection_id,
    model: body.model,
    variant: body.variant,
  });
  serve(syncs.heldDeletions).by(async ({ query }, scope) => ({
    held: await listHeldDeletions(world, scope, { providerConfigKey: query.provider_config_key, connectionId: query.connection_id }),
  }));
  serve(syncs.approveDeletions).by(async ({ body }, scope) => ({ deleted: await approveDeletions(world, scope, heldOf(body)) }));
  serve(syncs.discardDeletions).by(async ({ body }, scope) => {
    await discardDeletions(world, scope, heldOf(body));
    return { success: true };
  });
  serve(syncs.createVariant).by(({ params, body }, scope) => createVariant(world, scope, nameOf(params, body)));
  serve(syncs.deleteVariant).by(async ({ params, body }, scope) => {
    await deleteVariant(world, scope, nameOf(params, body));
    return { success: true };
  });
  bindLimitRoutes(serve, world);
  bindStatusRoutes(serve, world);
}

function bindLimitRoutes(serve: Serve, world: World): void {
  serve(syncLimits.get).by(async ({ query }, scope) => {
    const named = { providerConfigKey: query.provider_config_key, connectionId: query.connection_id };
    return { data: await showLimits(world, scope, named) };
  });
  serve(syncLimits.update).by(async ({ body }, scope) => {
    const { provider_config_key: providerConfigKey, connection_id: connectionId, ...change } = body;
    const data = await changeLimits(world, scope, { named: { providerConfigKey, connectionId }, change });
    publishLive(world, scope.environment.id, 'syncs');
    return { data };
  });
}

function triggerOf({ opts, sync_mode, full_resync }: TriggerBody): Trigger {
  if (opts?.emptyCache && !opts.reset) {
    throw problem('invalid_body', {
      errors: [
        { code: 'custom', message: 'emptyCache needs reset: a cache is emptied only to be filled anew', path: ['opts', 'emptyCache'] },
      ],
    });
  }
  const reset = opts?.reset ?? full_resync ?? (sync_mode !== undefined && sync_mode !== 'incremental');
  return { reset, emptyCache: opts?.emptyCache ?? sync_mode === 'full_refresh_and_clear_cache' };
}

function bindStatusRoutes(serve: Serve, world: World): void {
  serve(syncs.status).by(async ({ query }, scope) => {
    const chosen = await chooseSyncs(world, scope, {
      providerConfigKey: query.provider_config_key,
      connectionId: query.connection_id,
      syncs: [],
    });
    const { syncs: wanted } = query;
    // Unknown names are left out, so that one status call can ask for what a deployment is about to bring.
    const known =
      wanted === '*' ? chosen : chosen.filter(({ name, variant }) => wanted.some((one) => one.name === name && one.variant === variant));
    const views = await viewSyncs(world, scope, known);
    const names = new Map(known.map(({ id, connection }) => [id, connection]));
    return { syncs: views.map((view) => wireStatus(view, names.get(view.sync.id) ?? '')) };
  });
  serve(dashboard.syncs).by(async ({ query }, scope) => {
    const connections =
      query.connection_id !== undefined && query.provider_config_key !== undefined
        ? [await findConnection(world, scope, { connectionId: query.connection_id, providerConfigKey: query.provider_config_key })]
        : await listConnections(world, scope, {
            ...(query.provider_config_key ? { integrationId: [query.provider_config_key] } : {}),
            page: 0,
          });
    const byId = new Map(connections.map((connection) => [connection.id, connection]));
    const views = await viewSyncs(world, scope, await listSyncs(world.db, scope, [...byId.keys()]));
    return {
      syncs: views.flatMap((view) => {
        const connection = byId.get(view.sync.connectionId);
        return connection ? [wireDetail(view, connection)] : [];
      }),
    };
  });
}
