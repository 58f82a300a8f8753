/** The endpoints a function declares: method and path below `/v1`. Older deployments write `{ GET: '/issues' }`. Pure. */
import type { FunctionConfig } from './function.ts';

export type Endpoint = { method: string; path: string; group?: string };

export function endpointsOf({ endpoints = [] }: Pick<FunctionConfig, 'endpoints'>): Endpoint[] {
  return endpoints.flatMap((given): Endpoint[] => {
    const { method, path, group, ...byMethod }: Record<string, unknown> = Object(given);
    if (typeof method !== 'string' || typeof path !== 'string')
      return Object.entries(byMethod).map(([name, at]) => ({ method: name.toUpperCase(), path: String(at) }));
    return [{ method: method.toUpperCase(), path, ...(typeof group === 'string' ? { group } : {}) }];
  });
}
