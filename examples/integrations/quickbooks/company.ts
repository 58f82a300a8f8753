/** Reading QuickBooks Online by its query language, for one company; shared by the functions of this integration. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

export const headers = { accept: 'application/json' };
/** The version of the entities' fields. */
export const minorversion = '75';

export const Checkpoint = z.object({ since: z.string() });

const Connection = z.object({ connection_config: z.object({ realmId: z.string() }) });

/** Paths name the company, which Intuit told when the user consented. */
export const companyPath = async (nango: NangoAction): Promise<string> =>
  `/v3/company/${Connection.parse(await nango.getConnection()).connection_config.realmId}`;

const Result = z.object({ QueryResponse: z.record(z.string(), z.unknown()) });

/**
 * All rows that fit, in pages of at most 1,000; a page that is shorter than that does not prove that it is the last. Pages are counted, so a row
 * that is deleted while they are read moves the later ones up, and one may slip through until it changes: QuickBooks has no other way.
 */
export async function* query(nango: NangoAction, entity: string, condition: string | undefined): AsyncGenerator<unknown[]> {
  const path = await companyPath(nango);
  const select = `select * from ${entity}${condition === undefined ? '' : ` where ${condition}`} orderby Id`;
  for (let start = 1; ; ) {
    const params = { query: `${select} startposition ${start} maxresults 1000`, minorversion };
    const response = await nango.get({ endpoint: `${path}/query`, params, headers, retries: 3 });
    const rows = z.array(z.unknown()).parse(Result.parse(response.data).QueryResponse[entity] ?? []);
    if (rows.length === 0) return;
    yield rows;
    start += rows.length;
  }
}

const Changes = z.object({ CDCResponse: z.array(z.object({ QueryResponse: z.array(z.record(z.string(), z.unknown())) })) });
const Changed = z.array(z.object({ Id: z.string(), status: z.string().optional() }));

/** A day less than changes are kept, for a run that takes long. */
const changesKeptMs = 29 * 24 * 60 * 60_000;

/** What was deleted since then; undefined where QuickBooks cannot tell: it looks back 30 days, and names at most 1,000 changes. */
export const deletedSince = async (nango: NangoAction, entity: string, since: string): Promise<{ id: string }[] | undefined> => {
  if (Date.parse(since) < Date.now() - changesKeptMs) return undefined;
  const params = { entities: entity, changedSince: since, minorversion };
  const response = await nango.get({ endpoint: `${await companyPath(nango)}/cdc`, params, headers, retries: 3 });
  const answers = Changes.parse(response.data).CDCResponse.flatMap(({ QueryResponse }) => QueryResponse);
  const changed = answers.flatMap((answer) => Changed.parse(answer[entity] ?? []));
  return changed.length >= 1000 ? undefined : changed.filter(({ status }) => status === 'Deleted').map(({ Id }) => ({ id: Id }));
};

const Fault = z.object({
  Fault: z.object({ Error: z.array(z.object({ Message: z.string(), Detail: z.string().optional(), code: z.string().optional() })).min(1) }),
});

/** What QuickBooks' refusals mean to the caller of an action. */
export const explain = (nango: NangoAction, error: unknown): unknown => {
  const [fault] = Fault.safeParse(refusalOf(error)?.data).data?.Fault.Error ?? [];
  return fault === undefined ? error : new nango.ActionError({ message: fault.Detail ?? fault.Message, code: fault.code ?? null });
};
