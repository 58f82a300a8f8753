import { createOnEvent } from 'nango';

const onEvent = createOnEvent({
  description: 'Refuses accounts that cannot list items',
  event: 'validate-connection',
  exec: async (nango) => {
    const { status } = await nango.get({ endpoint: '/items' });
    if (status !== 200) throw new nango.ActionError({ message: 'This account cannot list items' });
  },
});
export default onEvent;
