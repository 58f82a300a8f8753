/** Saves, then asks the upstream for whatever its connection says. */
import { createSync } from 'bowline';
import { Row, rows } from '../row.js';

const sync = createSync({
  description: 'asks',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Asked: Row },
  exec: async (nango) => {
    await nango.batchSave(rows(3), 'Asked');
    const { path = '/', retries = 0 } = (await nango.getMetadata<{ path?: string; retries?: number }>()) ?? {};
    await nango.get({ endpoint: path, retries });
  },
});

export default sync;
