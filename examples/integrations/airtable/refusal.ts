/** What Airtable's refusals mean to the caller of an action. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

/** Sometimes an object, sometimes its type alone. */
const Problem = z.object({ error: z.union([z.object({ type: z.string(), message: z.string().optional() }), z.string()]) });

export const explain = (nango: NangoAction, error: unknown): unknown => {
  const problem = Problem.safeParse(refusalOf(error)?.data).data?.error;
  if (problem === undefined) return error;
  const { type, message = type } = typeof problem === 'string' ? { type: problem } : problem;
  return new nango.ActionError({ message, code: type });
};

/** `app…`, `tbl…`: what makes a path of something else would be another request. */
export const baseId = z.string().regex(/^app[A-Za-z0-9]{14}$/);
