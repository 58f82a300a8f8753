/**
 * Labels, in full: every run reads all of them, so that a label deleted upstream is reported as deleted.
 *
 * Between `trackDeletesStart` and `trackDeletesEnd` the platform notes what is saved; whatever was there before and was not saved again is
 * marked as deleted. If anything fails in between, the run ends before `trackDeletesEnd` and nothing is deleted by mistake.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { byLink, listRepositories } from '../repositories.js';

const Label = z.object({
  id: z.string(),
  repo: z.string(),
  name: z.string(),
  color: z.string(),
  description: z.string().nullable(),
});

const GithubLabel = z.object({ id: z.number(), name: z.string(), color: z.string(), description: z.string().nullish() });

const sync = createSync({
  description: 'Labels of all repositories the user can see, deletions included',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['repo'],
  models: { Label },

  exec: async (nango) => {
    await nango.trackDeletesStart('Label');
    for (const { full_name: repo } of await listRepositories(nango)) {
      for await (const page of nango.paginate({ endpoint: `/repos/${repo}/labels`, paginate: byLink, retries: 3 })) {
        const labels = z.array(GithubLabel).parse(page);
        await nango.batchSave(
          labels.map(({ id, name, color, description }) => ({ id: String(id), repo, name, color, description: description ?? null })),
          'Label',
        );
      }
    }
    await nango.trackDeletesEnd('Label');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
