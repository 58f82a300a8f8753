/** Skio speaks GraphQL: an error comes with status 200. */
import { dig, digText } from '../../dig.ts';
import { byStatus, type Verification } from './verification.ts';

export const skio: Verification = async (trial) => {
  const { status, answer } = await trial('/v1/graphql', { method: 'POST', json: { query: '{ Orders(limit: 1) { id } }' } });
  if (Array.isArray(dig(answer, 'data.Orders'))) return undefined;
  return digText(answer, 'errors[0].message') ?? byStatus(status) ?? 'it does not know this API key';
};
