/** Connections whose credentials can no longer be made good to use, each brought there by asking a provider that refuses. */
import { importConnection, oauthCredentials } from '../connections/fixture.ts';
import { json } from '../upstream.ts';
import type { ContractWorld } from './world.ts';

const DAY_MS = 24 * 3600_000;

/** Expired, and the provider refuses to renew it. @returns its id, in the integration `oauth` */
export async function refusedConnection({ platform, upstream, fresh }: ContractWorld): Promise<string> {
  const id = fresh('refused');
  upstream.on('/token', (_request, response) => json(response, { error: 'invalid_grant' }, 400));
  await importConnection(platform, id, oauthCredentials(`token of ${id}`));
  return id;
}

/** Refused a moment ago. */
export async function restingConnection(world: ContractWorld): Promise<string> {
  const id = await refusedConnection(world);
  await read(world.platform.call, id);
  return id;
}

/** Refused on four different days; `at` is a server whose clock stands on the fifth. */
export async function exhaustedConnection(world: ContractWorld): Promise<{ id: string; at: string }> {
  const id = await refusedConnection(world);
  let day = 0;
  const at = await world.beside({ clock: { now: () => new Date(Date.now() + day * DAY_MS) } });
  for (; day < 4; day++) {
    const headers = { authorization: `Bearer ${world.platform.apiKey}` };
    const { status } = await fetch(`${at}/connections/${id}?provider_config_key=oauth`, { headers });
    if (status !== 400) throw new Error(`the refresh of day ${day} answered ${status}`);
  }
  return { id, at };
}

async function read(call: ContractWorld['platform']['call'], id: string): Promise<void> {
  const { status } = await call('GET', `/connections/${id}?provider_config_key=oauth`);
  if (status !== 400) throw new Error(`the refresh answered ${status}`);
}
