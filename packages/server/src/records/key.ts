/**
 * The key of a stream: random, made with its first record, kept sealed in the stream's row with the environment's data key.
 * A rotation thus seals keys again and not every record, and what destroys the data key destroys the records.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Config } from '../base/config.ts';
import { one, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import { type Place, VaultError } from '../vault/sealed.ts';
import { type Cipher, createCipher } from './cipher.ts';
import type { InEnvironment, LockedStream, Stream } from './stream.ts';

/** What reading and writing contents needs. Without threads all is done here. */
export type RecordWorld = Pick<World, 'db' | 'keyring'> &
  Partial<Pick<World, 'pageThreads'>> & { readonly config: Pick<Config, 'sealRecords'> };

export const keyPlace = (environmentId: number, streamId: number): Place => ({
  environmentId,
  context: `record-key:${environmentId}:${streamId}`,
});

type Kept = { readonly keySealed: Buffer; readonly seals: boolean; readonly cipher: Cipher };
/** Goes with the caller's object: a run that saves a thousand chunks opens the key once. */
const kept = new WeakMap<Stream, Kept>();

/** Undefined when nothing was ever saved. @throws VaultError when the environment's data key was destroyed or cannot be had */
export async function lookCipher(world: RecordWorld, scope: InEnvironment, stream: Stream): Promise<Cipher | undefined> {
  const known = kept.get(stream);
  if (known) return known.cipher;
  if (stream.keySealed) {
    try {
      return await cipherOf(world, scope, stream, stream.keySealed);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error; // else a rotation, while the stream was held for hours: read again
    }
  }
  const fresh = await readKey(world.db, scope, stream);
  return fresh ? cipherOf(world, scope, stream, fresh) : undefined;
}

/**
 * Within the transaction that locked the stream, whose key is made when it has none.
 * Asked once more under the lock, because the key that `lookCipher` gave may have been rolled back together with what made it.
 */
export async function lockedCipher(world: RecordWorld, scope: InEnvironment, stream: Stream, locked: LockedStream): Promise<Cipher> {
  return cipherOf(world, scope, stream, locked.keySealed ?? (await makeKey(world, scope, stream)));
}

async function cipherOf({ keyring, config }: RecordWorld, { environment }: InEnvironment, stream: Stream, keySealed: Buffer) {
  const known = kept.get(stream);
  if (known?.keySealed.equals(keySealed) && known.seals === config.sealRecords) return known.cipher;
  const key = Buffer.from(await open(keyring, keyPlace(environment.id, stream.id), keySealed), 'base64');
  const cipher = createCipher({ key, environmentId: environment.id, streamId: stream.id, seals: config.sealRecords });
  kept.set(stream, { keySealed, seals: config.sealRecords, cipher });
  return cipher;
}

async function makeKey({ db, keyring }: RecordWorld, { environment }: InEnvironment, { id }: Stream): Promise<Buffer> {
  const keySealed = await seal(keyring, keyPlace(environment.id, id), randomBytes(32).toString('base64'));
  await run(db, sql`update record_streams set key_sealed = ${keySealed} where id = ${id} and environment_id = ${environment.id}`);
  return keySealed;
}

async function readKey(db: Database, { environment }: InEnvironment, { id }: Stream): Promise<Buffer | undefined> {
  const row = await one<{ keySealed: Buffer | null }>(
    db,
    sql`select key_sealed from record_streams where id = ${id} and environment_id = ${environment.id}`,
  );
  return row?.keySealed ?? undefined;
}
