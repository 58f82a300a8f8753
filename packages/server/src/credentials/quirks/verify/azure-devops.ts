/** Azure DevOps answers a token it does not know with 203 and the page where people sign in. */
import type { Verification } from './verification.ts';

export const azureDevops: Verification = async (trial) => {
  const { status } = await trial('/_apis/projects?api-version=7.1&$top=1');
  if (status === 203) return 'it does not know this personal access token';
  return status === 200 ? undefined : `the provider answered the test request with status ${status}`;
};
