/**
 * The first start makes an account with the environments `dev` and `prod` and one member; every later start finds them.
 * A password we made ourselves is kept in a file that only the owner can read, so that the start can show it again.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { createEnvironment } from '../environments/create.ts';
import { addAccount } from './account.ts';
import { addMember, lookFirstMember } from './member.ts';
import { hashPassword, isPassword, makePassword } from './password.ts';

/** `password`: only when we made it. */
export type FirstAccount = { created: boolean; accountId: number; email: string; password?: string };
type Needs = Pick<World, 'db' | 'config' | 'random' | 'keyring'>;

const environments = [
  { name: 'dev', isProduction: false },
  { name: 'prod', isProduction: true },
];

export async function ensureAccount(world: Needs): Promise<FirstAccount> {
  const first = await lookFirst(world);
  if (first) return first;
  const password = world.config.adminPassword ?? makePassword(world.random);
  const passwordHash = await hashPassword(world.random, password);
  return transaction(world.db, async (tx) => {
    // Processes that start together on an empty database take turns; any number works as long as nobody else locks it.
    await sql`select pg_advisory_xact_lock(${0x61636374})`.execute(tx);
    const inTx = { ...world, db: tx };
    const faster = await lookFirst(inTx);
    if (faster) return faster;
    const { id: accountId } = await addAccount(inTx, 'Bowline');
    for (const environment of environments) await createEnvironment(inTx, { accountId, ...environment });
    const email = world.config.adminEmail ?? 'admin@localhost';
    await addMember(inTx, { accountId, email, name: 'Admin', passwordHash });
    if (world.config.adminPassword) return { created: true, accountId, email };
    keepPassword(world, password); // before the commit: an account nobody can sign in to must not exist
    return { created: true, accountId, email, password };
  });
}

async function lookFirst(world: Needs): Promise<FirstAccount | undefined> {
  const member = await lookFirstMember(world);
  if (!member) return undefined;
  const { accountId, email } = member;
  const kept = readPassword(world);
  // The file may be of another database, so it is shown only if it is right.
  const right = kept !== undefined && (await isPassword(member.passwordHash, kept));
  return { created: false, accountId, email, ...(right ? { password: kept } : {}) };
}

function keepPassword({ config }: Pick<World, 'config'>, password: string): void {
  mkdirSync(config.home, { recursive: true, mode: 0o711 });
  writeFileSync(passwordPath(config), `${password}\n`, { mode: 0o600, flush: true });
}

function readPassword({ config }: Pick<World, 'config'>): string | undefined {
  try {
    return readFileSync(passwordPath(config), 'utf8').trim() || undefined;
  } catch {
    return undefined; // never made here, or removed by its owner
  }
}

function passwordPath({ home }: Pick<World['config'], 'home'>): string {
  return join(home, 'admin-password');
}
