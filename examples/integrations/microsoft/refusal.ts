/** What Graph's refusals mean to the caller of an action. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

const Problem = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

export const problemOf = (error: unknown) => Problem.safeParse(refusalOf(error)?.data).data?.error;

export const explain = (nango: NangoAction, error: unknown): unknown => {
  const problem = problemOf(error);
  return problem === undefined ? error : new nango.ActionError(problem);
};
