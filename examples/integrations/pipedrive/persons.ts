/**
 * Reading persons; shared by the syncs of this integration. The API tells what changed since a time, but not what was deleted: so once a day
 * everything is read, and what is no longer there is removed; the runs in between ask for changes only.
 */
import type { NangoAction, ZodMetadata } from 'bowline';
import { z } from 'zod';

export const Checkpoint = z.object({ since: z.string(), full_at: z.string() });

const Channel = z.object({ value: z.string(), primary: z.boolean().optional(), label: z.string().nullish() });

const Person = z.object({
  id: z.number(),
  name: z.string(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  emails: z.array(Channel).nullish(),
  phones: z.array(Channel).nullish(),
  job_title: z.string().nullish(),
  org_id: z.number().nullish(),
  owner_id: z.number().nullish(),
  add_time: z.string(),
  update_time: z.string().nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
});
export type Person = z.infer<typeof Person>;

const dayMs = 24 * 60 * 60_000;
const overlapMs = 5 * 60_000;

/** What a run has to read, and the checkpoint to leave once it has. */
export const plan = async (nango: NangoAction<ZodMetadata, typeof Checkpoint>) => {
  const began = Date.now();
  const last = await nango.getCheckpoint();
  const isFull = last === null || Date.parse(last.full_at) + dayMs <= began;
  return {
    isFull,
    params: isFull ? {} : { updated_since: last.since },
    next: { since: seconds(began - overlapMs), full_at: isFull ? seconds(began) : last.full_at },
  };
};

/** In the order of ids, which do not change, so that no person slips between two pages. */
export async function* listPersons(nango: NangoAction, params: Record<string, string>): AsyncGenerator<Person[]> {
  const pages = nango.paginate({
    endpoint: '/v2/persons',
    params: { ...params, sort_by: 'id', sort_direction: 'asc' },
    paginate: { limit: 100 },
    retries: 3,
  });
  for await (const page of pages) yield z.array(Person).parse(page);
}

/** The one marked as primary, else the first. */
export const primaryOf = (channels: Person['emails']): string | null =>
  (channels?.find(({ primary }) => primary) ?? channels?.[0])?.value || null;

/** The API takes RFC 3339 without fractions of a second. */
export const seconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
