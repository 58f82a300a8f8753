/** What the tests of rotations share: many connections sealed the old ways, and people who write and read while keys rotate. */
import { sql } from 'kysely';
import { many, run } from '../../src/base/database.ts';
import type { Keyring } from '../../src/base/keyring.ts';
import type { World } from '../../src/base/world.ts';
import { placeOf } from '../../src/connections/connection.ts';
import { findConnection } from '../../src/connections/find.ts';
import { saveConnection } from '../../src/connections/save.ts';
import { openCredentials } from '../../src/connections/secrets.ts';
import type { Scope } from '../../src/http/scope.ts';
import { findIntegration } from '../../src/integrations/find.ts';
import { seal } from '../../src/vault/seal.ts';
import { encrypt } from '../../src/vault/sealed.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'clock' | 'builtIns'>;
const key = (id: string, version: number) => ({ type: 'API_KEY' as const, apiKey: `${id} ${version}` });

/** Every other one sealed with the master key itself, as before there were data keys. Named `c-0` and so on. */
export async function plantConnections(world: Needs, scope: Scope, { count, master }: { count: number; master: [number, Buffer] }) {
  const integration = await findIntegration(world, scope, 'key');
  const rows = await many<{ id: number; connectionId: string }>(
    world.db,
    sql`insert into connections (environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed)
        select ${scope.environment.id}, ${integration.id}, 'c-' || n, ${integration.provider}, 'API_KEY', ''::bytea from generate_series(0, ${count - 1}) n
        returning id, connection_id`,
  );
  const sealed = await Promise.all(
    rows.map(async ({ id, connectionId }) => {
      const place = placeOf(scope.environment.id, id);
      const plaintext = JSON.stringify(key(connectionId, 0));
      if (id % 2 === 0) return seal(world.keyring, place, plaintext);
      return encrypt({ form: 1, keyId: master[0] }, master[1], { context: place.context, plaintext: Buffer.from(plaintext) });
    }),
  );
  await run(
    world.db,
    sql`update connections c set credentials_sealed = given.sealed
          from unnest(${rows.map(({ id }) => id)}::int[], ${sealed}::bytea[]) as given(id, sealed)
         where c.environment_id = ${scope.environment.id} and c.id = given.id`,
  );
}

export async function readConnection(world: Needs, scope: Scope, connectionId: string): Promise<number> {
  const connection = await findConnection(world, scope, { connectionId, providerConfigKey: 'key' });
  const credentials = await openCredentials(world, connection);
  if (credentials.type !== 'API_KEY' || !credentials.apiKey.startsWith(`${connectionId} `))
    throw new Error('other credentials than those saved');
  return Number(credentials.apiKey.split(' ')[1]);
}

/** Somebody who goes on saving and reading one connection, and fails when what was saved is lost or does not open. */
export function busyPerson(world: Needs, keyring: Keyring, { scope, connectionId }: { scope: Scope; connectionId: string }) {
  const own = { ...world, keyring };
  let stopped = false;
  let saved = 0;
  const work = async () => {
    const integration = await findIntegration(own, scope, 'key');
    while (!stopped) {
      await saveConnection(own, scope, { integration, authMode: 'API_KEY', connectionId, credentials: key(connectionId, saved + 1) });
      saved++;
      const found = await readConnection(own, scope, connectionId);
      if (found !== saved) throw new Error(`${connectionId}: saved ${saved}, then read ${found}`);
    }
    return saved;
  };
  const done = work();
  // Looked at when it is stopped; until then a failure must not end the process.
  done.catch(() => undefined);
  return {
    stop: () => {
      stopped = true;
      return done;
    },
  };
}
