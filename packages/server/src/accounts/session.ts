/**
 * A member's session: a random token in a cookie, of which the database knows only the SHA-256.
 * It lasts 14 days from its last use, at a day's precision, so that reading costs no write.
 */
import { createHash } from 'node:crypto';
import { problem } from '@bowline/api/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { listEnvironments, lookEnvironment } from '../environments/find.ts';
import type { EnvironmentScope, MemberScope } from '../http/scope.ts';
import type { Member } from './member.ts';

export const SESSION_COOKIE = 'bowline_session';
/** Names the environment a member works in. A page of another site cannot send it, so it also guards against forged requests. */
export const ENVIRONMENT_HEADER = 'x-bowline-environment';

const DAY_MS = 24 * 60 * 60 * 1000;
const LIFE_MS = 14 * DAY_MS;

/** @returns the token for the cookie */
export async function startSession({ db, clock, random }: Pick<World, 'db' | 'clock' | 'random'>, memberId: number): Promise<string> {
  const token = random.bytes(32).toString('base64url');
  const now = clock.now();
  await run(db, sql`delete from member_sessions where expires_at <= ${now}`);
  await run(
    db,
    sql`insert into member_sessions (token_hash, member_id, created_at, expires_at)
        values (${hashToken(token)}, ${memberId}, ${now}, ${lifeFrom(now)})`,
  );
  return token;
}

/**
 * @param named the environment, where the request cannot say it in the header
 * @throws signed_out; invalid_headers when the environment is unknown, or is not named although something would change
 */
export async function resolveMember(
  world: Pick<World, 'db' | 'clock'>,
  request: FastifyRequest,
  named: string | undefined = headerOf(request),
): Promise<MemberScope> {
  const member = await lookSession(world, request.cookies[SESSION_COOKIE]);
  if (!member) throw problem('signed_out', { payload: {} });
  if (named === undefined && request.method !== 'GET' && request.method !== 'HEAD') {
    throw refuse('Name the environment in X-Bowline-Environment, such as dev');
  }
  const { id, email, name } = member;
  const environment = await chooseEnvironment(world, member.accountId, named);
  return { environment, grants: ['environment:*'], member: { id, email, name }, caller: { type: 'member', name: name || email } };
}

export async function endSession({ db }: Pick<World, 'db'>, token: string | undefined): Promise<void> {
  if (token) await run(db, sql`delete from member_sessions where token_hash = ${hashToken(token)}`);
}

/** Sends the cookie, for another 14 days; without a token takes it away. */
export function setSessionCookie({ config }: Pick<World, 'config'>, reply: FastifyReply, token: string | undefined): void {
  const secure = config.publicUrl.startsWith('https:');
  reply.setCookie(SESSION_COOKIE, token ?? '', {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: token === undefined ? 0 : LIFE_MS / 1000,
  });
}

async function lookSession({ db, clock }: Pick<World, 'db' | 'clock'>, token: string | undefined): Promise<Member | undefined> {
  if (!token) return undefined;
  const now = clock.now();
  const hash = hashToken(token);
  const row = await one<Member & { expiresAt: Date }>(
    db,
    sql`select m.id, m.account_id, m.email, m.name, s.expires_at
        from member_sessions s join members m on m.id = s.member_id
        where s.token_hash = ${hash} and s.expires_at > ${now}`,
  );
  if (row && row.expiresAt.getTime() < now.getTime() + LIFE_MS - DAY_MS) {
    await run(db, sql`update member_sessions set expires_at = ${lifeFrom(now)} where token_hash = ${hash}`);
  }
  return row;
}

/** The first environment unless one is named. Another account's environments are unknown here. */
async function chooseEnvironment(world: Pick<World, 'db'>, accountId: number, named: string | undefined): Promise<EnvironmentScope> {
  const [first] = named === undefined ? await listEnvironments(world, accountId) : [await lookEnvironment(world, accountId, named)];
  if (!first) throw refuse(`There is no environment "${(named ?? '').slice(0, 255)}" in your account`);
  const { id, uuid, name } = first;
  return { id, uuid, name, accountId };
}

function headerOf({ headers }: FastifyRequest): string | undefined {
  const value = headers[ENVIRONMENT_HEADER];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refuse(message: string) {
  return problem('invalid_headers', { errors: [{ code: 'custom', message, path: [ENVIRONMENT_HEADER] }] });
}

function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function lifeFrom(now: Date): Date {
  return new Date(now.getTime() + LIFE_MS);
}
