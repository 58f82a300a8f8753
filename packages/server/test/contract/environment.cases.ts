import type { environment as contract } from '@bowline/api/environment';
import { environment as environmentOfAccount, key } from './account.cases.ts';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

/** Of an environment that is deleted, asked of a server that has not heard of it yet. */
const gone = async (world: ContractWorld) => {
  const id = await environmentOfAccount(world);
  const { secret: token } = await key(world, id);
  const deaf = { ...world.platform.world.bus, subscribe: () => () => {} };
  const at = await world.beside({ bus: deaf });
  await fetch(`${at}/environment-variables`, { headers: { authorization: `Bearer ${token}` } });
  await world.platform.call('DELETE', `/environments/${id}`, undefined, { authorization: `Bearer ${world.accountKey}` });
  return { query: {}, token, at };
};

export const environment: Cases<typeof contract> = {
  current: { success: { query: {} }, not_found: gone },
  variables: { success: { query: {} } },
  rotateSigningKey: { success: { query: {} }, not_found: gone },
  health: { success: {} },
  processes: { success: { query: {} } },
  queue: { success: { query: {} } },
  ready: { success: {} },
};
