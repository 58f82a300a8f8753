/** Expensify takes the credentials within a form's JSON, and answers 200 whatever comes of it. */
import { dig, digText } from '../../dig.ts';
import type { Verification } from './verification.ts';

export const expensify: Verification = async (trial, { credentials }) => {
  const { username, password } = { username: '', password: '', ...credentials };
  const job = {
    type: 'get',
    credentials: { partnerUserID: username, partnerUserSecret: password },
    inputSettings: { type: 'policyList' },
  };
  const form = { requestJobDescription: JSON.stringify(job) };
  const { status, answer } = await trial('/ExpensifyIntegrations', { method: 'POST', form });
  if (Array.isArray(dig(answer, 'policyList'))) return undefined;
  return digText(answer, 'responseMessage') ?? `the provider answered the test request with status ${status}`;
};
