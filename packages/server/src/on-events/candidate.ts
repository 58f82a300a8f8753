/**
 * A connection that is not stored yet, as a function sees it: its calls are answered from memory and with the new credentials. What
 * functions write of it is kept for those that run next, and for the one who stores it.
 */
import type { JsonObject } from '@bowline/api/fields';
import { wireConnection } from '../connections/connection.ts';
import type { Candidate } from '../connections/hooks.ts';
import { secretConfig } from '../credentials/access.ts';
import { handedOut, withoutRefreshTokens } from '../credentials/redact.ts';
import type { Checkpoint } from '../runs/checkpoint.ts';
import { refused } from '../runs/host.ts';
import type { HostCalls } from '../runs/host-calls.ts';
import { connectionCalls } from '../runs/host-connection.ts';
import { httpCalls, proxyThrough } from '../runs/host-http.ts';

export type Remembering = { readonly calls: Partial<HostCalls>; metadata(): JsonObject | null };

export function rememberCandidate({ connection, integration, access }: Candidate): Remembering {
  let metadata: JsonObject | null = access.metadata ? { ...access.metadata } : null;
  let checkpoint: Checkpoint | null = null;
  const isOwn = (params: { providerConfigKey?: string | undefined; connectionId?: string | undefined }) =>
    (params.providerConfigKey ?? integration.uniqueKey) === integration.uniqueKey &&
    (params.connectionId ?? connection.connectionId) === connection.connectionId;
  const early = (what: string) =>
    refused(`The connection is not stored yet: ${what} once it is, in a post-connection-creation function`, 'connection_not_stored');
  const calls: Partial<HostCalls> = {
    proxy: (context, params, body) =>
      isOwn(params)
        ? proxyThrough(context, { params, body, target: { connection, integration }, access: { ...access, metadata } })
        : httpCalls.proxy(context, params, body),
    'connection.get': async (context, params, body) => {
      if (!isOwn(params)) return connectionCalls['connection.get'](context, params, body);
      const secrets = secretConfig(access.integration.provider, access.credentials);
      const wire = wireConnection({ ...connection, metadata }, handedOut(access.credentials), secrets);
      return { value: params.refreshToken ? wire : withoutRefreshTokens(wire) };
    },
    'token.get': async () => {
      const { credentials } = access;
      return { value: credentials.type === 'OAUTH2' ? credentials.access_token : withoutRefreshTokens(handedOut(credentials)) };
    },
    'metadata.set': async (_context, { metadata: given }) => {
      metadata = given;
      return { value: { success: true } };
    },
    'metadata.update': async (_context, { metadata: given }) => {
      metadata = { ...metadata, ...given };
      return { value: { success: true } };
    },
    'checkpoint.get': async () => ({ value: checkpoint }),
    'checkpoint.save': async (_context, { checkpoint: given }) => {
      checkpoint = given;
      return {};
    },
    'checkpoint.clear': async () => {
      checkpoint = null;
      return {};
    },
    'action.trigger': async (context, params, body) => {
      if (isOwn(params)) throw early('call its actions');
      return connectionCalls['action.trigger'](context, params, body);
    },
    'sync.trigger': async (context, params, body) => {
      if (isOwn(params)) throw early('start its syncs');
      return connectionCalls['sync.trigger'](context, params, body);
    },
    'sync.start': async (context, params, body) => {
      if (isOwn(params)) throw early('start its syncs');
      return connectionCalls['sync.start'](context, params, body);
    },
  };
  return { calls, metadata: () => metadata };
}
