/** LastPass answers 200 and tells in the answer that it refuses. Both halves of the credentials go into the body, as for every call. */
import { dig, digText } from '../../dig.ts';
import { byStatus, type Verification } from './verification.ts';

export const lastpass: Verification = async (trial) => {
  const json = { cmd: 'getuserdata', data: { pagesize: 1, pageindex: 0 } };
  const { status, answer } = await trial('/enterpriseapi.php', { method: 'POST', json });
  if (dig(answer, 'status') !== 'FAIL') return byStatus(status);
  return digText(answer, 'errors[0]') ?? 'it does not know this account number and secret';
};
