/** What a vendor said when it refused a request, for actions that tell their caller instead of failing with a bare status. */
import { z } from 'zod';

const Refused = z.object({
  response: z.object({ status: z.number(), data: z.unknown(), headers: z.record(z.string(), z.unknown()) }),
});
export type Refusal = z.infer<typeof Refused>['response'];

/**
 * The answer of the vendor when the request was at fault (4xx), undefined for anything else: lost networks and failing vendors are no mistake
 * of the caller, and neither is a limit (429) or a connection without rights (401), which the platform reports itself.
 */
export const refusalOf = (error: unknown): Refusal | undefined => {
  const { data } = Refused.safeParse(error);
  const isCallers = data !== undefined && data.response.status >= 400 && data.response.status < 500;
  return isCallers && ![401, 429].includes(data.response.status) ? data.response : undefined;
};
