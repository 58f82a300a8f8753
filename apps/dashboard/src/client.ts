/** The typed client of the server the page came from, one per environment. Calls carry the member's cookie and name the environment in a header. */
import { account } from '@bowline/api/account';
import { captures } from '@bowline/api/captures';
import { ApiError, type Client, createClient } from '@bowline/api/client';
import { connect } from '@bowline/api/connect';
import { connections } from '@bowline/api/connections';
import { dashboard } from '@bowline/api/dashboard';
import { dashboardProviders } from '@bowline/api/dashboard-providers';
import { dashboardWebhooks } from '@bowline/api/dashboard-webhooks';
import { deployments } from '@bowline/api/deployments';
import { environment } from '@bowline/api/environment';
import { functions } from '@bowline/api/functions';
import { history } from '@bowline/api/history';
import { integrations } from '@bowline/api/integrations';
import { logs } from '@bowline/api/logs';
import { customProviders, providers } from '@bowline/api/providers';
import { recordHistory } from '@bowline/api/record-history';
import { records } from '@bowline/api/records';
import { subscriptions } from '@bowline/api/subscriptions';
import { syncLimits } from '@bowline/api/sync-limits';
import { syncs } from '@bowline/api/syncs';
import { webhookDeliveries } from '@bowline/api/webhook-deliveries';
import { webhookEndpoints } from '@bowline/api/webhook-endpoints';
import * as z from 'zod';

const used = {
  account,
  captures,
  connect,
  connections,
  customProviders,
  dashboard,
  dashboardProviders,
  dashboardWebhooks,
  deployments,
  environment,
  functions,
  history,
  integrations,
  logs,
  providers,
  recordHistory,
  records,
  subscriptions,
  syncLimits,
  syncs,
  webhookDeliveries,
  webhookEndpoints,
};
export type Api = Client<typeof used>;

const clients = new Map<string, Api>();

/** `''` for calls that belong to no environment: signing in and out. */
export function apiOf(environmentName: string): Api {
  const known = clients.get(environmentName);
  if (known) return known;
  const made = createClient(used, {
    baseUrl: '',
    headers: () => (environmentName ? { 'x-bowline-environment': environmentName } : {}),
  });
  clients.set(environmentName, made);
  return made;
}

const signedOutCodes = new Set(['signed_out', 'missing_auth_header', 'unknown_account']);
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && signedOutCodes.has(error.code);
}

/** An error in words for the person at the screen. */
export function wordsOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof z.ZodError) return 'The server answered in a form this dashboard does not know. Are both of the same version?';
  if (error instanceof TypeError) return 'The server could not be reached. Check that it is running and try again.';
  return error instanceof Error ? error.message : 'Something went wrong.';
}
