/** Snipe-IT answers errors with 200, and its sign-in page to who is not signed in. */
import { dig, digText } from '../../dig.ts';
import { byStatus, type Verification } from './verification.ts';

export const snipeIt: Verification = async (trial) => {
  const { status, answer } = await trial('/v1/users?limit=1', { headers: { accept: 'application/json' } });
  if (Array.isArray(dig(answer, 'rows'))) return undefined;
  return byStatus(status) ?? digText(answer, 'messages') ?? 'it does not know this API token';
};
