/** Saves, then never gives the processor back. */
import { createSync } from 'bowline';
import { Row, rows } from '../row.js';

const sync = createSync({
  description: 'loops',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Looped: Row },
  exec: async (nango) => {
    await nango.batchSave(rows(3), 'Looped');
    for (let spins = 0; ; spins++) if (spins < 0) return;
  },
});

export default sync;
