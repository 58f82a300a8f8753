/** What the tests of both clients stand on: a platform, an API of two pages of rows that echoes every other call, and a place webhooks are sent to. */
import { join } from 'node:path';
import { dropHome, makeHome, signIn, startPlatform } from './platform.ts';
import { json, startUpstream, writeProvider } from './upstream.ts';

/** The integration's key and its provider's name. */
export const KEY = 'upstream';

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** @param env further settings, given the folder that is removed at the end */
export async function openStage(env: (folder: string) => Record<string, string> = () => ({})) {
  const place = await makeHome();
  const folder = join(place.home, '..');
  const data = { rows: Array.from({ length: 15 }, (_, index) => ({ id: String(index), value: `value ${index}` })) };
  const upstream = await startUpstream((seen, response) => {
    const start = Number(seen.query.get('page') ?? 0) * 10;
    const next = data.rows.length > start + 10 ? start / 10 + 1 : null;
    if (seen.path === '/rows') return json(response, 200, { rows: data.rows.slice(start, start + 10), next });
    json(response, seen.path === '/missing' ? 404 : 200, {
      method: seen.method,
      path: seen.path,
      query: Object.fromEntries(seen.query),
      authorization: seen.headers.authorization,
      special: seen.headers['x-special'],
      type: seen.headers['content-type'],
      body: seen.body,
    });
  });
  const sink = await startUpstream((_seen, response) => json(response, 200, {}));
  const providers = [writeProvider(folder, upstream.url)];
  const platform = await startPlatform({ ...place, providers, allow: [upstream.host, sink.host], env: env(folder) });
  const member = await signIn(platform);
  await member.updateEnvironment({
    query: {},
    body: { webhooks: { primary_url: `${sink.url}/hook`, on_sync_completion_always: false }, variables: [{ name: 'REGION', value: 'eu' }] },
  });
  const close = async () => {
    await platform.stop();
    await Promise.all([upstream.stop(), sink.stop()]);
    dropHome(place);
  };
  return { platform, upstream, sink, data, close };
}

/** The same client, which remembers in `called` what was called of it. */
export function noting<T extends object>(client: T, called: Set<string>): T {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      called.add(String(name));
      return value.bind(target);
    },
  });
}
