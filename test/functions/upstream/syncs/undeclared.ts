/** Saves a model it did not declare. */
import { createSync } from 'bowline';
import { Row, rows } from '../row.js';

const sync = createSync({
  description: 'undeclared',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Declared: Row },
  exec: async (nango) => {
    await nango.batchSave(rows(3), 'Declared');
    await nango.batchSave(rows(1), 'Other' as 'Declared');
  },
});

export default sync;
