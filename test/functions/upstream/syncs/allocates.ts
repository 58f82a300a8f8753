/** Saves, then allocates until there is nothing left. */
import { createSync } from 'bowline';
import { Row, rows } from '../row.js';

const sync = createSync({
  description: 'allocates',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Allocated: Row },
  exec: async (nango) => {
    await nango.batchSave(rows(3), 'Allocated');
    const held: string[][] = [];
    for (;;) held.push(Array.from({ length: 100_000 }, (_, index) => `${held.length} ${index}`));
  },
});

export default sync;
