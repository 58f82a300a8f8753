import type { invocations as contract } from '@bowline/api/invocations';
import type { Cases } from './case.ts';
import { type Call, disabledAction, endings } from './failing-actions.ts';

const echo = { connection_id: 'c-1', integration_id: 'key', name: 'echo', invocation_type: 'wait' as const };

const invoke = ({ name, input, ...more }: Call) => {
  const body = { ...echo, name };
  const text = `${JSON.stringify(body).slice(0, -1)},"input":${input}}`;
  return { query: {}, body, ...(input === undefined ? {} : { text }), ...more };
};

export const invocations: Cases<typeof contract> = {
  invoke: {
    ...endings(invoke),
    success: { query: {}, body: { ...echo, input: { a: 1 } } },
    accepted: { query: {}, body: { ...echo, invocation_type: 'no_wait' } },
    unknown_provider_config: { query: {}, body: { ...echo, integration_id: 'none' } },
    unknown_connection: { query: {}, body: { ...echo, connection_id: 'none' } },
    not_found: invoke({ name: 'nothing' }),
    invalid_invocation: invoke({ name: 'items' }),
    disabled_resource: async (world) => invoke({ name: await disabledAction(world) }),
  },
};
