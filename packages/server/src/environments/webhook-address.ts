/** Whether webhooks may go to an address: neither to ourselves nor into a private network. It is checked again whenever it is called. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';

type Needs = Pick<World, 'config' | 'outbound'>;

/** @param path of the field, for the error. @throws invalid_body saying what to do */
export async function refuseAddress(world: Needs, { url, path }: { url: string; path: string[] }): Promise<void> {
  if (url === '') return;
  const message = isOurs(world, url)
    ? 'This is the address of Bowline itself; give the address of your app'
    : await world.outbound.refusal(url);
  if (message !== undefined) throw problem('invalid_body', { errors: [{ code: 'custom', message, path }] });
}

/** A webhook to ourselves would answer 4xx for days and, worse, reach routes from inside the network. */
function isOurs({ config }: Pick<World, 'config'>, url: string): boolean {
  const ours = new URL(config.publicUrl).host;
  const loopback = ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}:${config.port}`);
  return [ours, ...loopback].includes(URL.parse(url)?.host ?? '');
}
