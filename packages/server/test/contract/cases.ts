/** The cases of every route of the contract. A resource without a line here does not compile. */
import { account } from './account.cases.ts';
import { actions } from './actions.cases.ts';
import { bundles } from './bundles.cases.ts';
import { captures } from './captures.cases.ts';
import type { AllCases } from './case.ts';
import { connect } from './connect.cases.ts';
import { connections } from './connections.cases.ts';
import { deploy } from './deploy.cases.ts';
import { deployments } from './deployments.cases.ts';
import { dryRuns } from './dry-runs.cases.ts';
import { endpoints } from './endpoints.cases.ts';
import { environment } from './environment.cases.ts';
import { functions } from './functions.cases.ts';
import { history } from './history.cases.ts';
import { integrations } from './integrations.cases.ts';
import { invocations } from './invocations.cases.ts';
import { logs } from './logs.cases.ts';
import { mcp } from './mcp.cases.ts';
import { customProviders, providers } from './providers.cases.ts';
import { proxy } from './proxy.cases.ts';
import { recordHistory } from './record-history.cases.ts';
import { records } from './records.cases.ts';
import { subscriptions } from './subscriptions.cases.ts';
import { syncLimits, syncs } from './syncs.cases.ts';
import { events, webhookDeliveries, webhookEndpoints } from './webhook-endpoints.cases.ts';
import { webhooks } from './webhooks.cases.ts';

export const cases: AllCases = {
  account,
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
  logs,
  captures,
  subscriptions,
  proxy,
  endpoints,
};
