/** An account: who runs this platform, with its members and environments. A self-hosted server has one. */
import { sql } from 'kysely';
import { only } from '../base/database.ts';
import type { World } from '../base/world.ts';

export type Account = { readonly id: number; readonly name: string };

export function addAccount({ db }: Pick<World, 'db'>, name: string): Promise<Account> {
  return only<Account>(db, sql`insert into accounts (name) values (${name}) returning id, name`);
}
