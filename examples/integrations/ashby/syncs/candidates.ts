/** Candidates as they change; those deleted in Ashby are removed once a day. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, readChanges } from '../lists.js';

const Candidate = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  position: z.string().nullable(),
  company: z.string().nullable(),
  tags: z.array(z.string()),
  source: z.string().nullable(),
  application_ids: z.array(z.string()),
  created_at: z.string(),
});

const AshbyCandidate = z.object({
  id: z.string(),
  name: z.string(),
  primaryEmailAddress: z.object({ value: z.string() }).nullish(),
  primaryPhoneNumber: z.object({ value: z.string() }).nullish(),
  position: z.string().nullish(),
  company: z.string().nullish(),
  tags: z.array(z.object({ title: z.string() })).nullish(),
  source: z.object({ title: z.string() }).nullish(),
  applicationIds: z.array(z.string()).nullish(),
  createdAt: z.string(),
});

const sync = createSync({
  description: 'Candidates as they change',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  models: { Candidate },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    await readChanges(nango, 'candidate.list', {
      begin: () => nango.trackDeletesStart('Candidate'),
      end: () => nango.trackDeletesEnd('Candidate'),
      save: (rows) => nango.batchSave(rows.map(toCandidate), 'Candidate'),
    });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toCandidate = (row: unknown): z.infer<typeof Candidate> => {
  const candidate = AshbyCandidate.parse(row);
  return {
    id: candidate.id,
    name: candidate.name,
    email: candidate.primaryEmailAddress?.value ?? null,
    phone: candidate.primaryPhoneNumber?.value ?? null,
    position: candidate.position ?? null,
    company: candidate.company ?? null,
    tags: (candidate.tags ?? []).map(({ title }) => title),
    source: candidate.source?.title ?? null,
    application_ids: candidate.applicationIds ?? [],
    created_at: candidate.createdAt,
  };
};
