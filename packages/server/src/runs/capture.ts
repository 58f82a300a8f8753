/** Captures a run if its environment wants that: gathers what the function could read when it was called. Nothing is read for a run that is not captured. */
import type { RunSpec } from '@bowline/api/protocol';
import { captureSettings } from '../captures/settings.ts';
import { startTape, type Tape } from '../captures/tape.ts';
import { wantsCapture } from '../captures/wanted.ts';
import { findWithIntegration } from '../connections/find.ts';
import { openAccess } from '../connections/open.ts';
import { shownConnection } from '../connections/shown.ts';
import { handedOut, withoutRefreshTokens } from '../credentials/redact.ts';
import { wireIntegration } from '../integrations/integration.ts';
import { getCheckpoint } from './checkpoint.ts';
import type { RunContext } from './context.ts';

/** Never throws: a run that cannot be captured runs. */
export async function openCapture(context: RunContext, spec: RunSpec): Promise<Tape | undefined> {
  const { world, scope, integration, fn, runId } = context;
  const run = { environmentId: scope.environment.id, runId, integration: integration.uniqueKey, function: fn.name };
  try {
    const wanted = await wantsCapture(world, run, (environmentId) => captureSettings(world.db, environmentId));
    if (!wanted) return undefined;
    return startTape(world, {
      wanted,
      subject: {
        ...run,
        operationId: context.operation.id,
        kind: fn.type,
        connection: context.connection.connectionId,
        version: fn.version,
        codeHash: fn.codeHash,
      },
      start: await startOf(context, spec),
      collectSecrets: async (secrets) => {
        const { access } = await accessOf(context);
        secrets.collectCredentials(handedOut(access.credentials));
        const { clientSecret, app, plugin } = access.integration;
        secrets.collectCredentials({ client_secret: clientSecret, private_key: app?.privateKey, password: plugin?.password });
      },
    });
  } catch (error) {
    world.log.warn({ err: error, run: runId }, 'a run could not be captured; it goes on');
    return undefined;
  }
}

async function startOf(context: RunContext, spec: RunSpec) {
  const { world, scope, integration, fn, connection } = context;
  const owner = { environmentId: scope.environment.id, connectionId: connection.id };
  const [checkpoint, shown] = await Promise.all([getCheckpoint(world.db, owner, context.checkpointKey), accessOf(context)]);
  return {
    run: { ...spec },
    checkpoint,
    connection: { ...withoutRefreshTokens(await shownConnection(world, shown)) },
    integration: { ...wireIntegration(world, integration) },
    attributes: fn.config.attributes ?? {},
  };
}

/** As it is stored: not refreshed, for nobody asks the provider anything yet. */
async function accessOf({ world, scope, integration, connection }: RunContext) {
  const names = { providerConfigKey: integration.uniqueKey, connectionId: connection.connectionId };
  const target = await findWithIntegration(world, scope, names);
  return { connection: target.connection, access: await openAccess(world, target) };
}
