/** What Okta's refusals mean to the caller of an action. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

const Problem = z.object({
  errorCode: z.string(),
  errorSummary: z.string(),
  errorCauses: z.array(z.object({ errorSummary: z.string() })).optional(),
});

export const explain = (nango: NangoAction, error: unknown): unknown => {
  const problem = Problem.safeParse(refusalOf(error)?.data).data;
  if (problem === undefined) return error;
  const causes = (problem.errorCauses ?? []).map(({ errorSummary }) => errorSummary);
  return new nango.ActionError({ message: problem.errorSummary, code: problem.errorCode, causes });
};
