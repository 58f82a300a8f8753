/** Ashby's API: every operation is a POST with a name, and a failure is an answer with status 200 that says so. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Failure = z.object({ success: z.literal(false), errors: z.array(z.string()).optional() });

/** @throws ActionError with Ashby's own words, as `candidate_not_found` or `missing_permission` */
export const call = async (nango: NangoAction, operation: string, data: object, retries = 0): Promise<unknown> => {
  const response = await nango.post({ endpoint: `/${operation}`, data, retries });
  const failure = Failure.safeParse(response.data).data;
  if (failure === undefined) return response.data;
  const errors = failure.errors ?? [];
  throw new nango.ActionError({ message: `Ashby refused ${operation}: ${errors.join(', ') || 'it did not say why'}`, errors });
};
