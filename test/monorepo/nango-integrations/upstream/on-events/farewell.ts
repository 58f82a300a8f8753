import { createOnEvent } from 'nango';

export default createOnEvent({
  description: 'Tells the shop that a connection ends',
  event: 'pre-connection-deletion',
  exec: async (nango) => {
    await nango.delete({ endpoint: '/hooks/1' });
  },
});
