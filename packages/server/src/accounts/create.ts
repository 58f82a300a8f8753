/**
 * The first start makes an account with the environments `dev` and `prod` and one member; every later start finds them.
 * A password we made ourselves is kept in a file that only the owner can read, so that the start can show it again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const kept = await keptPassword(world, member.passwordHash);
  return { created: false, accountId, email, ...(kept ? { password: kept } : {}) };
}

/**
 * The file may be of another database, so it is told only if it is right. Trying that takes 160 ms of a processor, so what was tried is noted: a
 * password and its hash that were told to belong together need not be tried at the next start.
 */
async function keptPassword({ config }: Needs, passwordHash: string): Promise<string | undefined> {
  const password = readKept(passwordPath(config));
  if (password === undefined) {
    rmSync(checkedPath(config), { force: true });
    return undefined;
  }
  const pair = fingerprint(password, passwordHash);
  if (readKept(checkedPath(config)) === pair) return password;
  if (!(await isPassword(passwordHash, password))) return undefined;
  write(checkedPath(config), pair);
  return password;
}

function keepPassword({ config }: Pick<World, 'config'>, password: string): void {
  mkdirSync(config.home, { recursive: true, mode: 0o711 });
  write(passwordPath(config), password);
}

function write(path: string, text: string): void {
  writeFileSync(path, `${text}\n`, { mode: 0o600, flush: true });
}

function readKept(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined; // never made here, or removed by its owner
  }
}

function fingerprint(password: string, passwordHash: string): string {
  return createHash('sha256').update(`${passwordHash} ${password}`).digest('hex');
}

const passwordPath = ({ home }: Pick<World['config'], 'home'>) => join(home, 'admin-password');
const checkedPath = (config: Pick<World['config'], 'home'>) => `${passwordPath(config)}.checked`;
