/** GravityZone speaks JSON-RPC: an error comes with status 200 too. */
import { dig, digText } from '../../dig.ts';
import { byStatus, type Verification } from './verification.ts';

export const bitdefender: Verification = async (trial) => {
  const json = { jsonrpc: '2.0', method: 'getApiKeyDetails', params: {}, id: 'verification' };
  const { status, answer } = await trial('/v1.0/jsonrpc/general', { method: 'POST', json });
  if (dig(answer, 'result') !== undefined) return undefined;
  return digText(answer, 'error.data.details') ?? digText(answer, 'error.message') ?? byStatus(status) ?? 'it does not know this API key';
};
