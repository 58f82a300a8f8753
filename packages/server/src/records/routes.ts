/** The record routes of the contract. */
import { dashboard } from '@bowline/api/dashboard';
import { recordHistory } from '@bowline/api/record-history';
import { records } from '@bowline/api/records';
import type { World } from '../base/world.ts';
import { findConnection } from '../connections/find.ts';
import type { Scope } from '../http/scope.ts';
import { JsonText, type Serve } from '../http/serve.ts';
import { listVersions } from './as-of.ts';
import { countsOfConnection } from './counts.ts';
import { historyRules, replaceHistoryRules } from './history-rules.ts';
import type { RecordWorld } from './key.ts';
import { pruneRecords } from './prune.ts';
import { readPage } from './read.ts';
import { lookStream, type Stream } from './stream.ts';

export function recordRoutes(serve: Serve, world: RecordWorld): void {
  serve(records.list).by(async ({ query, headers }, scope) => new JsonText(await readPage(world, scope, inHeaders(headers), query)));

  serve(records.prune).by(async ({ body, headers }, scope) => {
    const { model, variant = 'base', until_cursor: untilCursor, limit } = body;
    const stream = await streamOf(world, scope, { ...inHeaders(headers), model, variant });
    return pruneRecords(world, scope, stream, { untilCursor, limit });
  });

  serve(recordHistory.versions).by(async ({ query, headers }, scope) => {
    const { model, variant = 'base', ...wanted } = query;
    const stream = await streamOf(world, scope, { ...inHeaders(headers), model, variant });
    return new JsonText((await listVersions(world, scope, stream, wanted)).bytes);
  });
  serve(recordHistory.settings).by(async (_input, scope) => ({ data: await historyRules(world.db, scope.environment.id) }));
  serve(recordHistory.updateSettings).by(async ({ body }, scope) => ({ data: await replaceHistoryRules(world, scope, body.models) }));

  serve(dashboard.models).by(async ({ params, query }, scope) => {
    const ref = { connectionId: params.connectionId, providerConfigKey: query.provider_config_key };
    const connection = await findConnection(world, scope, ref);
    const streams = await countsOfConnection(world.db, scope, connection.id);
    return {
      models: streams.map(({ model, variant, count, lastChangeAt }) => ({
        model,
        variant,
        count,
        last_change_at: lastChangeAt?.toISOString() ?? null,
      })),
    };
  });
}

type Ref = { connectionId: string; providerConfigKey: string; model: string; variant: string };

async function streamOf(world: Pick<World, 'db'>, scope: Scope, { model, variant, ...ref }: Ref): Promise<Stream | undefined> {
  const connection = await findConnection(world, scope, ref);
  return lookStream(world.db, scope, { connection: connection.id, model, variant });
}

function inHeaders(headers: { 'connection-id': string; 'provider-config-key': string }) {
  return { connectionId: headers['connection-id'], providerConfigKey: headers['provider-config-key'] };
}
