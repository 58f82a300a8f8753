/** What Salesforce's refusals mean to the caller of an action. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

const Problems = z.array(z.object({ message: z.string(), errorCode: z.string(), fields: z.array(z.string()).optional() })).min(1);

/** The error to throw instead: Salesforce's own words for what the caller can mend, as a missing field or a duplicate. */
export const explain = (nango: NangoAction, error: unknown): unknown => {
  const problems = Problems.safeParse(refusalOf(error)?.data).data;
  const [first] = problems ?? [];
  return first === undefined ? error : new nango.ActionError({ message: first.message, code: first.errorCode, fields: first.fields ?? [] });
};
