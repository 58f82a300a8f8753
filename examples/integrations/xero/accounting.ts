/** Reading Xero's accounting API; shared by the functions of this integration. The organisation is named by a header that the platform sends. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

export const api = '/api.xro/2.0';
/** Without it Xero answers XML. */
export const headers = { accept: 'application/json' };

export const Checkpoint = z.object({ since: z.string() });

const overlapMs = 5 * 60_000;
/** Xero takes UTC without saying so. */
export const checkpointAt = (began: number) => ({ since: new Date(began - overlapMs).toISOString().slice(0, 19) });

/**
 * What changed since then, or everything. Latest change first: what changes while pages are read moves to the front, pushing the others back,
 * so none slips between two pages; the changed one itself is read by the next run. The page after the last is empty.
 */
export const changedSince = (
  nango: NangoAction,
  name: 'Contacts' | 'Invoices',
  since: string | undefined,
  params: Record<string, string>,
) =>
  nango.paginate({
    endpoint: `${api}/${name}`,
    params: { ...params, order: 'UpdatedDateUTC DESC', pageSize: '1000' },
    headers: { ...headers, ...(since !== undefined && { 'if-modified-since': since }) },
    paginate: {
      type: 'offset',
      offset_name_in_request: 'page',
      offset_start_value: 1,
      offset_calculation_method: 'per-page',
      response_path: name,
    },
    retries: 3,
  });

/** `/Date(1772355600000+0000)/`: milliseconds since 1970. */
export const time = (xero: string): string => new Date(Number(/\d+/.exec(xero)?.[0])).toISOString();

const Problem = z.object({
  Message: z.string(),
  Elements: z.array(z.object({ ValidationErrors: z.array(z.object({ Message: z.string() })).optional() })).optional(),
});

/** What Xero's refusals mean to the caller of an action. */
export const explain = (nango: NangoAction, error: unknown): unknown => {
  const problem = Problem.safeParse(refusalOf(error)?.data).data;
  if (problem === undefined) return error;
  const causes = (problem.Elements ?? []).flatMap(({ ValidationErrors = [] }) => ValidationErrors.map(({ Message }) => Message));
  return new nango.ActionError({ message: causes[0] ?? problem.Message, causes });
};
