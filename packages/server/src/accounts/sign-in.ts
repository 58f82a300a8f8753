/** Sign in with e-mail address and password. Whether an address is known cannot be told from the answer nor from its time. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import { lookMember, type Member } from './member.ts';
import { isPassword } from './password.ts';
import { startSession } from './session.ts';
import type { SignInLimits } from './sign-in-limits.ts';

export type Attempt = { email: string; password: string; ip: string };

/** @throws wrong_password, too_many_sign_ins */
export async function signIn(
  world: Pick<World, 'db' | 'clock' | 'random'>,
  limits: SignInLimits,
  { email, password, ip }: Attempt,
): Promise<{ member: Member; token: string }> {
  const succeeded = limits.attempt(email, ip);
  const member = await lookMember(world, email);
  const right = await isPassword(member?.passwordHash, password);
  if (!member || !right) throw problem('wrong_password', { payload: {} });
  succeeded();
  return { member, token: await startSession(world, member.id) };
}
