/** Saves, then throws. */
import { createSync } from 'bowline';
import { Row, rows } from '../row.js';

const sync = createSync({
  description: 'throws',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Thrown: Row },
  exec: async (nango) => {
    await nango.batchSave(rows(3), 'Thrown');
    throw new Error('the upstream changed its mind');
  },
});

export default sync;
