/** A connect session as its browser may see it. Secrets that the backend set are shown as set, never as they are: the browser has no use for them. */
import type { connect } from '@bowline/api/connect';
import type { JsonObject } from '@bowline/api/fields';
import type { Answer } from '@bowline/api/route';
import type { World } from '../base/world.ts';
import { isSecretField } from '../connections/secrets.ts';
import type { SessionScope } from '../http/scope.ts';
import { listIntegrations } from '../integrations/find.ts';
import { providerOf } from '../providers/own.ts';
import { readAppearance } from './appearance.ts';
import { type ConnectSession, defaultsOf, findSession } from './session.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'builtIns'>;

/** What stands for a secret that is set. A text, because published clients read texts there; an empty one stays empty: it asks the person. */
const CONCEALED = '***';

export async function describeSession(world: Needs, scope: SessionScope): Promise<Answer<typeof connect.getSession>> {
  const session = await findSession(world, scope, scope.sessionId);
  const [appearance, defaults] = await Promise.all([readAppearance(world, scope), shownDefaults(world, scope, session)]);
  return {
    data: {
      endUser: session.endUser && { ...session.endUser },
      connectUISettings: appearance,
      ...(session.allowedIntegrations ? { allowed_integrations: session.allowedIntegrations } : {}),
      ...(defaults ? { integrations_config_defaults: defaults } : {}),
      ...(session.overrides
        ? { overrides: Object.fromEntries(Object.entries(session.overrides).map(([key, value]) => [key, { ...Object(value) }])) }
        : {}),
      ...(session.reconnects === null ? {} : { isReconnecting: true }),
      websocketsPath: '/',
    },
  };
}

async function shownDefaults(world: Needs, scope: SessionScope, session: ConnectSession): Promise<Record<string, JsonObject> | undefined> {
  const defaults = Object.entries(await defaultsOf(world, session));
  if (defaults.length === 0) return undefined;
  const providers = new Map(
    (await listIntegrations(world, scope)).map((integration) => [integration.uniqueKey, providerOf(world, integration)]),
  );
  const shown = defaults.map(([key, { connection_config, authorization_params }]) => {
    const provider = providers.get(key);
    const isSecret = (name: string) => isSecretField(provider, name) || provider?.credentials?.[name]?.secret === true;
    return [key, { connection_config: connection_config && conceal(connection_config, isSecret), authorization_params }] as const;
  });
  return Object.fromEntries(shown);
}

function conceal(config: JsonObject, isSecret: (name: string) => boolean): JsonObject {
  const entries = Object.entries(config).map(([name, value]) => [name, isSecret(name) && value !== '' ? CONCEALED : value] as const);
  return Object.fromEntries(entries);
}
