/** Everything a step may use: the running platform by its public API only, the upstream, the receiver, and what earlier steps found out. */
import { createClient } from '@bowline/api/client';
import { publicRoutes, routes } from '@bowline/api/routes';
import type { Beside } from './beside.ts';

export type Running = {
  readonly url: string;
  readonly apiKey: string;
  readonly signingKey: string;
  readonly admin: { readonly email: string; readonly password?: string };
};
export type Stage = {
  readonly running: Running;
  readonly beside: Beside;
  readonly api: ReturnType<typeof apiClient>;
  /** The `bowline` command and the project it deploys. */
  readonly command: { readonly path: string; readonly project: string };
  readonly found: Found;
};
/** Filled by one step, read by later ones. */
export type Found = {
  connectionId?: string;
  finishedAt?: Record<string, string>;
  changed?: { edited: number; created: number; deletedLabel: string };
  createdByAction?: number;
};
export type Step = {
  /** What holds when the step is done: `issues synced`. */
  readonly name: string;
  /** @returns a short account for the line; throws when it did not hold */
  readonly run: (stage: Stage) => Promise<string>;
};

export const INTEGRATION = 'github';
export const REPOSITORY = 'octocat/harbor';

export function apiClient({ url, apiKey }: Running) {
  return createClient(publicRoutes, { baseUrl: url, headers: () => ({ authorization: `Bearer ${apiKey}` }) });
}

/** The dashboard's routes, for a member who signs in with the first client and keeps its cookie. */
export function memberClient({ url }: Running) {
  let cookie = '';
  const keeping: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    return response;
  };
  const headers = () => ({ 'x-bowline-environment': 'dev', ...(cookie && { cookie }) });
  return createClient({ dashboard: routes.dashboard }, { baseUrl: url, fetch: keeping, headers });
}

/** Names the connection the demo made. */
export function ofConnection({ found }: Stage): { 'connection-id': string; 'provider-config-key': string } {
  return { 'connection-id': found.connectionId ?? '', 'provider-config-key': INTEGRATION };
}
