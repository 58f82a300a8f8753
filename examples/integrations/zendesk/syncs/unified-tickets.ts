/** Tickets in the unified shape (`../../unified/ticket.ts`), read like `tickets.ts` reads them, with the people and groups put beside them. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Ticket } from '../../unified/ticket.js';
import { changedTickets } from '../ticket-export.js';
import { toTicket } from '../unified.js';

const sync = createSync({
  description: 'Tickets in the shape that is the same for every provider, deletions included',
  version: '1.0.0',
  frequency: 'every 10 minutes',
  autoStart: true,
  scopes: ['read'],
  models: { Ticket },
  checkpoint: z.object({ cursor: z.string() }),

  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    for await (const { live, deleted, beside, cursor } of changedTickets(nango, checkpoint?.cursor, 'users,groups')) {
      await nango.batchSave(
        live.map((ticket) => toTicket(ticket, beside)),
        'Ticket',
      );
      await nango.batchDelete(deleted, 'Ticket');
      if (cursor !== undefined) await nango.saveCheckpoint({ cursor });
    }
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
