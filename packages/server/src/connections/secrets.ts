/**
 * What of a connection is secret: its credentials, and those fields of its configuration that the catalogue or an auth mode calls secret.
 * They are sealed together, so the column `connection_config` never holds one, and who may not read credentials does not get them.
 */
import { JsonObject } from '@bowline/api/fields';
import type { Provider } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { z } from 'zod';
import { only, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { type Credentials, readCredentials } from '../credentials/credentials.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import { type Connection, placeOf } from './connection.ts';

export type Secrets = { readonly credentials: Credentials; readonly config: JsonObject };
type Row = Pick<Connection, 'environmentId' | 'id'>;

/** What modes and vendors' second tokens are known by, whatever the catalogue says. */
const secretNames = new Set([
  'userCredentials',
  'jwtToken',
  'sharepointAccessToken',
  'botFrameworkAccessToken',
  'oauth_code_verifier',
  'oauth_client_info',
  'oauth_client_secret_override',
  'oauth_refresh_token_override',
]);

/** Nobody declares what a browser or a backend sends along beside the catalogue's fields. */
const soundsSecret = /(secret|password|passphrase|private_?key|api_?key|access_?token|refresh_?token)$/i;

/** With `secret_config`, the rest is what was sealed alone before there was any. */
const together = z.strictObject({ credentials: z.unknown(), secret_config: JsonObject });

/** Keep it in a local variable, never in a log. */
export async function openSecrets(
  { keyring }: Pick<World, 'keyring'>,
  connection: Row & Pick<Connection, 'credentialsSealed'>,
): Promise<Secrets> {
  const text = await open(keyring, placeOf(connection.environmentId, connection.id), connection.credentialsSealed);
  const stored: unknown = JSON.parse(text);
  // Nearly none has any, and an error of the schema that says so takes as long as decrypting: 7 µs.
  const both =
    typeof stored === 'object' && stored !== null && 'secret_config' in stored ? together.safeParse(stored) : { success: false as const };
  if (!both.success) return { credentials: readCredentials(stored), config: {} };
  return { credentials: readCredentials(both.data.credentials), config: both.data.secret_config };
}

export const openCredentials = async (world: Pick<World, 'keyring'>, connection: Connection): Promise<Credentials> =>
  (await openSecrets(world, connection)).credentials;

/** The whole configuration, with what is secret in it. */
export async function wholeConfig(world: Pick<World, 'keyring'>, connection: Connection): Promise<JsonObject> {
  return { ...connection.connectionConfig, ...(await openSecrets(world, connection)).config };
}

export function sealSecrets(
  { keyring }: Pick<World, 'keyring'>,
  { environmentId, id }: Row,
  { credentials, config }: Secrets,
): Promise<Buffer> {
  const text = JSON.stringify(Object.keys(config).length > 0 ? { credentials, secret_config: config } : credentials);
  return seal(keyring, placeOf(environmentId, id), text);
}

/** Takes fields out of the secret configuration. In the transaction of whoever takes them out of the rest. */
export async function forgetSecrets(world: Pick<World, 'db' | 'keyring'>, row: Row, names: readonly string[]): Promise<void> {
  const { environmentId, id } = row;
  const { credentialsSealed } = await only<{ credentialsSealed: Buffer }>(
    world.db,
    sql`select credentials_sealed from connections where environment_id = ${environmentId} and id = ${id} for update`,
  );
  const { credentials, config } = await openSecrets(world, { ...row, credentialsSealed });
  if (!names.some((name) => name in config)) return;
  const kept = Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)));
  const sealed = await sealSecrets(world, row, { credentials, config: kept });
  await run(world.db, sql`update connections set credentials_sealed = ${sealed} where environment_id = ${environmentId} and id = ${id}`);
}

/** Whether a field of the configuration is for those alone who may read credentials. */
export function isSecretField(provider: Provider | undefined, name: string): boolean {
  return secretNames.has(name) || soundsSecret.test(name) || provider?.connection_config?.[name]?.secret === true;
}

/** A configuration, with what is secret in it apart. */
export function apart(provider: Provider | undefined, config: JsonObject): { plain: JsonObject; secret: JsonObject } {
  const isSecret = ([name]: [string, unknown]) => isSecretField(provider, name);
  const entries = Object.entries(config);
  return {
    plain: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    secret: Object.fromEntries(entries.filter(isSecret)),
  };
}
