/** Every route, by resource. The server binds them, the client and openapi.json are made of them. */
import { account } from './account.ts';
import { actions } from './actions.ts';
import { captures } from './captures.ts';
import { connect } from './connect.ts';
import { connections } from './connections.ts';
import { dashboard } from './dashboard.ts';
import { dashboardProviders } from './dashboard-providers.ts';
import { dashboardWebhooks } from './dashboard-webhooks.ts';
import { deploy } from './deploy.ts';
import { deployments } from './deployments.ts';
import { dryRuns } from './dry-runs.ts';
import { environment } from './environment.ts';
import { events } from './events.ts';
import { bundles } from './function-bundle.ts';
import { functions } from './functions.ts';
import { history } from './history.ts';
import { integrations } from './integrations.ts';
import { invocations } from './invocations.ts';
import { logs } from './logs.ts';
import { mcp } from './mcp.ts';
import { customProviders, providers } from './providers.ts';
import { recordHistory } from './record-history.ts';
import { records } from './records.ts';
import { subscriptions } from './subscriptions.ts';
import { syncLimits } from './sync-limits.ts';
import { syncs } from './syncs.ts';
import { webhookDeliveries } from './webhook-deliveries.ts';
import { webhookEndpoints } from './webhook-endpoints.ts';
import { webhooks } from './webhooks.ts';

/** What users' backends and browsers call. */
export const publicRoutes = {
  providers,
  customProviders,
  integrations,
  connections,
  connect,
  records,
  recordHistory,
  syncs,
  syncLimits,
  actions,
  functions,
  invocations,
  mcp,
  deploy,
  deployments,
  bundles,
  history,
  dryRuns,
  environment,
  webhooks,
  webhookEndpoints,
  webhookDeliveries,
  events,
  subscriptions,
  logs,
  captures,
  account,
};
export const routes = { ...publicRoutes, dashboard, dashboardProviders, dashboardWebhooks };
