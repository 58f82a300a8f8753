/**
 * What changed among Salesforce's records, deletions included; shared by the syncs of this integration.
 *
 * `queryAll` also answers what lies in the recycle bin (15 days), and a deletion moves `SystemModstamp`, so that one question finds both. Pages
 * come in the order of that time, therefore a run that is interrupted goes on at the last page it kept.
 */
import type { NangoAction, ZodMetadata } from 'bowline';
import { z } from 'zod';
import type { FieldMapping } from '../fields.js';

/** Salesforce keeps each version for years; 62.0 is that of Winter '25. */
export const api = '/services/data/v62.0';

export const Checkpoint = z.object({ since: z.string() });

const Row = z.looseObject({ Id: z.string(), IsDeleted: z.boolean(), SystemModstamp: z.string() });
export type Row = z.infer<typeof Row>;

type ObjectType = { name: string; fields: readonly string[]; fieldMapping: FieldMapping };

/** A transaction may become visible minutes after the time it carries, and clocks differ. Records read twice are recognised as unchanged. */
const overlapMs = 10 * 60_000;

/** Hands over what was saved and what was deleted since the last run began; the first run has nothing to remove. */
export const readChanges = async (
  nango: NangoAction<ZodMetadata, typeof Checkpoint>,
  type: ObjectType,
  save: (rows: Row[]) => Promise<unknown>,
  remove: (deleted: { id: string }[]) => Promise<unknown>,
): Promise<void> => {
  const since = (await nango.getCheckpoint())?.since;
  const latest = new Date(Date.now() - overlapMs).toISOString();
  const pages = nango.paginate({ endpoint: `${api}/queryAll`, params: { q: soql(nango, type, since) }, retries: 3 });
  for await (const page of pages) {
    const rows = z.array(Row).parse(page);
    await save(rows.filter(({ IsDeleted }) => !IsDeleted));
    await remove(rows.filter(({ IsDeleted }) => IsDeleted).map(({ Id }) => ({ id: Id })));
    const reached = rows.at(-1)?.SystemModstamp;
    if (reached !== undefined && time(reached) < latest) await nango.saveCheckpoint({ since: time(reached) });
  }
  await nango.saveCheckpoint({ since: latest });
};

const soql = (nango: NangoAction, { name, fields, fieldMapping }: ObjectType, since: string | undefined): string => {
  const mapped = Object.values(fieldMapping);
  const invalid = mapped.filter((field) => !/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/.test(field));
  if (invalid.length > 0)
    throw new nango.ActionError({ message: `No names of Salesforce fields: ${invalid.join(', ')}.`, fields: invalid });
  const selected = [...new Set(['Id', 'IsDeleted', 'SystemModstamp', ...fields, ...mapped])].join(', ');
  const condition = since === undefined ? 'IsDeleted = false' : `SystemModstamp >= ${since}`;
  return `SELECT ${selected} FROM ${name} WHERE ${condition} ORDER BY SystemModstamp, Id`;
};

/** Salesforce writes `+0000` where ISO 8601 in its usual form has `Z`. */
export const time = (salesforce: string): string => new Date(salesforce).toISOString();
