/** Apollo answers 200 to any key; whether it knows the key is in the answer. */
import { dig } from '../../dig.ts';
import { byStatus, type Verification } from './verification.ts';

export const apollo: Verification = async (trial) => {
  const { status, answer } = await trial('/v1/auth/health');
  return byStatus(status) ?? (dig(answer, 'is_logged_in') === true ? undefined : 'it does not know this API key');
};
