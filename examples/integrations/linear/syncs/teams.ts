/** Teams with their workflow states, in full: what an app needs to let people choose where issues go. Few, and the list is complete. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { pages } from '../graphql.js';

const State = z.object({ id: z.string(), name: z.string(), type: z.string() });
const Team = z.object({ id: z.string(), key: z.string(), name: z.string(), private: z.boolean(), states: z.array(State) });

const LinearTeam = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  private: z.boolean(),
  states: z.object({ nodes: z.array(State) }),
});

const text = `query Teams($after: String) {
  page: teams(first: 50, after: $after) {
    nodes { id key name private states(first: 50) { nodes { id name type } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const sync = createSync({
  description: 'Teams and the states an issue of theirs can be in',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['read'],
  models: { Team },

  exec: async (nango) => {
    await nango.trackDeletesStart('Team');
    for await (const page of pages(nango, LinearTeam, text)) {
      await nango.batchSave(
        page.map(({ states, ...team }) => ({ ...team, states: states.nodes })),
        'Team',
      );
    }
    await nango.trackDeletesEnd('Team');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
