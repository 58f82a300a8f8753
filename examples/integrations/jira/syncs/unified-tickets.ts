/** Issues as unified tickets (`../../unified/ticket.ts`): what changed since the last run. As for `issues.ts`, Jira does not tell what was deleted. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Ticket } from '../../unified/ticket.js';
import { changedIssues, checkpointNow } from '../issues.js';
import { siteOf } from '../site.js';
import { toTicket } from '../tickets.js';

const sync = createSync({
  description: 'Issues as tickets in the shape that is the same for every provider',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['read:jira-work'],
  models: { Ticket },
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const { browse } = await siteOf(nango);
    const next = checkpointNow();
    for await (const page of changedIssues(nango, (await nango.getCheckpoint())?.since)) {
      await nango.batchSave(
        page.map((issue) => toTicket(issue, browse(issue.key))),
        'Ticket',
      );
    }
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
