/** What happens without a caller: which job has which handler, who hears which event, and what the clock brings. */
import type { LiveTopic } from '@bowline/api/dashboard';
import type { Pool } from 'pg';
import { runActionJob } from './actions/jobs.ts';
import { removeCapturesOf, sweepCaptures } from './captures/retention.ts';
import { endPendingOfEnvironment, sweepPending } from './connect/pending.ts';
import { endSessionsOfEnvironment } from './connect/session.ts';
import { sweepConnect } from './connect/state.ts';
import { postConnectionJob, purgeEnvironment, purgeEnvironmentJob } from './connections/jobs.ts';
import { keepAlive } from './connections/keep-alive.ts';
import { purgeJobs } from './deployments/job.ts';
import { deployFunctionJob } from './deployments/jobs.ts';
import { removeFunctions } from './deployments/remove.ts';
import { purgeCode } from './deployments/retention.ts';
import { dryRunJob } from './dry-runs/jobs.ts';
import { dispatch, type Listeners } from './events/dispatch.ts';
import { forgetFeed } from './events/feed.ts';
import { purgeEvents } from './events/purge.ts';
import { keepAlerts, removeAlerts } from './health/alerts.ts';
import { publishLive } from './http/live.ts';
import { sweepBudgets } from './limits/budget-row.ts';
import { sweepRateWindows } from './limits/lease.ts';
import { sweepSpending } from './limits/spending.ts';
import { sweepLog } from './logs/sweep.ts';
import { onEventJob, runFunctionsOfConnection } from './on-events/jobs.ts';
import { removeProvidersOf } from './providers/remove.ts';
import type { Handlers, TaskName } from './queue/task.ts';
import { startWorkers } from './queue/work.ts';
import { removeHistoryRules, sweepHistory } from './records/history-rules.ts';
import { keepRecords } from './records/keep.ts';
import type { RunWorld } from './runs/context.ts';
import { sweepRuns } from './runs/retention.ts';
import {
  ensureSubscriptionsJob,
  followDeployment as followDeploymentBySubscriptions,
  followIntegration,
  forgetConnection,
  forgetEnvironment,
  noticeSync,
  subscribeConnection,
  subscriptionJob,
} from './subscriptions/jobs.ts';
import {
  catchUp,
  catchUpAll,
  followDeployment,
  removeSyncsOfConnection,
  removeSyncsOfEnvironment,
  retrySyncJob,
  startSyncsOfConnection,
  takeSyncs,
  tearDownJob,
} from './syncs/jobs.ts';
import { keepSchedule } from './syncs/schedule.ts';
import { removeWebhooksOf, routeWebhooksJob, sweepWebhooks, webhookRunJob } from './webhooks-in/jobs.ts';
import { deliverJob, fanOut, removeEndpointsOf, startSender, sweepDeliveries } from './webhooks-out/jobs.ts';

/** The names are stored with the event, so that each listener hears it once: renaming one makes it hear those under way again. */
function createListeners(world: RunWorld): Listeners {
  const webhooks = fanOut(world);
  // What an event tells was committed before it, so an open dashboard that reads again sees it.
  const tell =
    (topic: LiveTopic) =>
    async (_tx: unknown, { environmentId }: { environmentId: number }) =>
      publishLive(world, environmentId, topic);
  return {
    'connection.saved': {
      syncs: startSyncsOfConnection(world),
      functions: runFunctionsOfConnection(world),
      subscriptions: subscribeConnection(world),
      webhooks,
      live: tell('connections'),
    },
    'connection.save_failed': { webhooks },
    'connection.refresh_failed': { webhooks, live: tell('connections') },
    'connection.refresh_recovered': { webhooks, live: tell('connections') },
    'connection.deleted': { syncs: removeSyncsOfConnection(world), subscriptions: forgetConnection, webhooks, live: tell('connections') },
    'alert.opened': { webhooks },
    'alert.resolved': { webhooks },
    'functions.deployed': {
      syncs: followDeployment(world),
      subscriptions: followDeploymentBySubscriptions(world),
      webhooks,
      live: tell('integrations'),
    },
    'integration.updated': { subscriptions: followIntegration(world), live: tell('integrations') },
    'subscription.restored': { syncs: catchUp(world) },
    'subscription.all_restored': { syncs: catchUpAll(world) },
    'sync.completed': { webhooks, subscriptions: noticeSync(world) },
    'sync.failed': { webhooks },
    'sync.deletions_held': { webhooks, live: tell('syncs') },
    'action.completed': { webhooks },
    'webhook.forwarded': {},
    'endpoint.paused': { webhooks, live: tell('environment') },
    'endpoint.resumed': { webhooks, live: tell('environment') },
    'endpoint.disabled': { webhooks, live: tell('environment') },
    'environment.deleted': {
      syncs: removeSyncsOfEnvironment(world),
      sessions: (tx, { environmentId }) => endSessionsOfEnvironment(tx, environmentId),
      pending: (tx, { environmentId }) => endPendingOfEnvironment(tx, environmentId),
      subscriptions: forgetEnvironment,
      alerts: (tx, { environmentId }) => removeAlerts(tx, environmentId),
      functions: (tx, { environmentId }) => removeFunctions(tx, environmentId),
      history: (tx, { environmentId }) => removeHistoryRules(tx, environmentId),
      captures: (tx, { environmentId }) => removeCapturesOf(tx, environmentId),
      feed: (tx, { environmentId }) => forgetFeed(tx, environmentId),
      webhooksOut: (tx, { environmentId }) => removeEndpointsOf(tx, environmentId),
      webhooksIn: (tx, { environmentId }) => removeWebhooksOf(tx, environmentId),
      providers: (tx, { environmentId }) => removeProvidersOf(tx, environmentId),
      connections: purgeEnvironment(world),
    },
  };
}

function createHandlers(world: RunWorld): Handlers {
  const listeners = createListeners(world);
  return {
    event: ({ id }) => dispatch(world, listeners, id),
    'sync-removed': tearDownJob(world),
    'sync-retry': retrySyncJob(world),
    'action-run': runActionJob(world),
    'deploy-function': deployFunctionJob(world),
    'dry-run': dryRunJob(world),
    deliver: deliverJob(world),
    'post-connection': postConnectionJob(world),
    'on-event-run': onEventJob(world),
    'webhooks-route': routeWebhooksJob(world),
    'webhook-run': webhookRunJob(world),
    subscription: subscriptionJob(world),
    'ensure-subscriptions': ensureSubscriptionsJob(world),
    'environment-purge': purgeEnvironmentJob(world),
  };
}

/**
 * Workers by kind, and how many jobs of it at once: however many actions run, news must not wait for them. Runs of syncs are no jobs.
 * A run waits for its sandbox and its provider most of the time; sandboxes have a limit of their own.
 */
const groups = [
  {
    tasks: [
      'event',
      'deliver',
      'webhooks-route',
      'post-connection',
      'subscription',
      'ensure-subscriptions',
      'environment-purge',
      'sync-removed',
      'sync-retry',
    ],
    concurrency: 8,
  },
  { tasks: ['action-run', 'on-event-run', 'deploy-function', 'dry-run'], concurrency: 8 },
  // Of their own: a handler may take an hour, and actions must not wait for it.
  { tasks: ['webhook-run'], concurrency: 8 },
] as const satisfies { tasks: TaskName[]; concurrency: number }[];
const SWEEP_MS = 10 * 60_000;

/**
 * What the roles of this process ask for: a worker takes jobs and looks after idle connections, a scheduler starts what is due and sweeps.
 * @param onLost this process may no longer work: its peers took its jobs over. @returns how to stop
 */
export async function startWorker(world: RunWorld, pool: Pool, onLost: () => void): Promise<() => Promise<void>> {
  const { roles } = world.config;
  const starting = [...(roles.has('worker') ? [takeJobs(world, pool, onLost)] : []), ...(roles.has('scheduler') ? [keepTime(world)] : [])];
  const stops = await Promise.all(starting);
  return async () => void (await Promise.all(stops.map((stop) => stop())));
}

async function takeJobs(world: RunWorld, pool: Pool, onLost: () => void): Promise<() => Promise<void>> {
  const handlers = createHandlers(world);
  const stops = await Promise.all(
    groups.map(({ tasks, concurrency }) => {
      const own = Object.fromEntries(tasks.map((task) => [task, handlers[task]])) as Pick<Handlers, (typeof tasks)[number]>; // the table's own keys
      return startWorkers({ ...world, pool }, own, { concurrency, onLost });
    }),
  );
  const stopSyncs = await takeSyncs(world, pool, onLost);
  const stopKeeping = keepAlive(world);
  const stopSending = startSender(world);
  return async () => {
    await Promise.all([stopKeeping(), stopSending()]);
    await Promise.all([...stops, stopSyncs].map((stop) => stop()));
  };
}

async function keepTime(world: RunWorld): Promise<() => Promise<void>> {
  const stopSchedule = keepSchedule(world);
  const stopRecords = keepRecords(world);
  const stopAlerts = keepAlerts(world);
  const sweep = setInterval(() => {
    Promise.all([
      sweepConnect(world),
      sweepPending(world.db),
      sweepWebhooks(world),
      sweepCaptures(world),
      sweepHistory(world.db),
      purgeEvents(world),
      sweepDeliveries(world),
      sweepLog(world),
      sweepRuns(world),
      sweepRateWindows(world),
      sweepBudgets(world),
      sweepSpending(world),
      purgeJobs(world),
      purgeCode(world),
    ]).catch((error: unknown) => world.log.warn({ err: error }, 'sweeping failed'));
  }, SWEEP_MS);
  return async () => {
    clearInterval(sweep);
    await Promise.all([stopSchedule(), stopRecords(), stopAlerts()]);
  };
}
