/** Issues as unified tickets (`../../unified/ticket.ts`), read like `issues.ts` reads them: what changed since the last run, deletions included. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Ticket } from '../../unified/ticket.js';
import { changedIssues, checkpointNow } from '../issues.js';
import { toTicket } from '../tickets.js';

const sync = createSync({
  description: 'Issues as tickets in the shape that is the same for every provider',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['read'],
  models: { Ticket },
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const next = checkpointNow();
    for await (const { live, deleted } of changedIssues(nango, (await nango.getCheckpoint())?.since)) {
      await nango.batchSave(live.map(toTicket), 'Ticket');
      await nango.batchDelete(deleted, 'Ticket');
    }
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
