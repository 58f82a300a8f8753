/** A member: a person who may sign in to the dashboard of an account. */
import { sql } from 'kysely';
import { one, only } from '../base/database.ts';
import type { World } from '../base/world.ts';

export type Member = { readonly id: number; readonly accountId: number; readonly email: string; readonly name: string };
export type MemberWithPassword = Member & { readonly passwordHash: string };
type NewMember = Omit<MemberWithPassword, 'id'>;

const columns = sql`id, account_id, email, name, password_hash`;

export function addMember({ db }: Pick<World, 'db'>, { accountId, email, name, passwordHash }: NewMember): Promise<MemberWithPassword> {
  return only<MemberWithPassword>(
    db,
    sql`insert into members (account_id, email, name, password_hash) values (${accountId}, ${email}, ${name}, ${passwordHash})
        returning ${columns}`,
  );
}

/** Upper and lower case are the same here. */
export function lookMember({ db }: Pick<World, 'db'>, email: string): Promise<MemberWithPassword | undefined> {
  return one<MemberWithPassword>(db, sql`select ${columns} from members where lower(email) = ${email.trim().toLowerCase()}`);
}

/** Who was there first: the administrator that the first start made. */
export function lookFirstMember({ db }: Pick<World, 'db'>): Promise<MemberWithPassword | undefined> {
  return one<MemberWithPassword>(db, sql`select ${columns} from members order by id limit 1`);
}
