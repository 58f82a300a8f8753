/** A case's request as it travels: path filled in, query written, credentials of the kind of caller added. */
import type { Route } from '@bowline/api/route';
import qs from 'qs';
import type { Request } from './case.ts';
import type { Outgoing } from './send.ts';

type Parts = { params?: object; query?: object; headers?: object; body?: unknown };

export type Keys = { readonly apiKey: string; readonly accountKey: string };

export function wire({ path, caller, ...route }: Route, request: Request & Parts, keys: Keys): Outgoing {
  const {
    params = {},
    query = {},
    headers = {},
    body,
    text,
    token = caller === 'accountKey' ? keys.accountKey : keys.apiKey,
    below = '',
    method = route.method,
    announcedBytes,
  } = request;
  const given = new Map(Object.entries(params));
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(given.get(name))));
  const search = qs.stringify(query, { arrayFormat: 'repeat' });
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
  return {
    method,
    path: `${filled}${below}${search === '' ? '' : `?${search}`}`,
    headers: {
      ...(caller === 'public' || caller === 'connectSessionInQuery' ? {} : { authorization: `Bearer ${token}` }),
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    },
    ...(announcedBytes === undefined ? {} : { announcedBytes }),
    ...(content === undefined ? {} : { body: content }),
  };
}
