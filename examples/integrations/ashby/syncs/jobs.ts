/** Jobs as they change, of every status; those deleted in Ashby are removed once a day. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, readChanges } from '../lists.js';

const Job = z.object({
  id: z.string(),
  title: z.string(),
  status: z.string().describe('Draft, Open, Closed or Archived'),
  employment_type: z.string().nullable().describe('FullTime, PartTime, Intern, Contract or Temporary'),
  is_confidential: z.boolean(),
  location_id: z.string().nullable(),
  department_id: z.string().nullable(),
});

const AshbyJob = z.object({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  employmentType: z.string().nullish(),
  confidential: z.boolean().nullish(),
  locationId: z.string().nullish(),
  departmentId: z.string().nullish(),
});

const sync = createSync({
  description: 'Jobs as they change',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  models: { Job },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    await readChanges(nango, 'job.list', {
      begin: () => nango.trackDeletesStart('Job'),
      end: () => nango.trackDeletesEnd('Job'),
      save: (rows) => nango.batchSave(rows.map(toJob), 'Job'),
    });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toJob = (row: unknown): z.infer<typeof Job> => {
  const { id, title, status, employmentType, confidential, locationId, departmentId } = AshbyJob.parse(row);
  return {
    id,
    title,
    status,
    employment_type: employmentType ?? null,
    is_confidential: confidential ?? false,
    location_id: locationId ?? null,
    department_id: departmentId ?? null,
  };
};
