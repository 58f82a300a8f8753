/** What Pipedrive's refusals mean to the caller of an action. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

const Problem = z.object({ error: z.string(), error_info: z.string().nullish() });

export const explain = (nango: NangoAction, error: unknown): unknown => {
  const problem = Problem.safeParse(refusalOf(error)?.data).data;
  return problem === undefined ? error : new nango.ActionError({ message: problem.error, info: problem.error_info ?? null });
};
