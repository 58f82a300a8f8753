/** The kinds of jobs, as one table: what each needs to know. A payload holds ids only, since what they name may change before the job runs. */
export type Tasks = {
  /** Tell an event to its listeners. */
  event: { id: number };
  /** A sync whose function was removed; its row says no more than this, since the row may be made anew. */
  'sync-removed': {
    environmentId: number;
    connectionId: number;
    functionId: number;
    name: string;
    variant: string;
    activeRun: number | null;
  };
  /** Another try for a sync whose last run was this one, and failed. */
  'sync-retry': { environmentId: number; syncId: string; runId: number };
  /** `retries`: how often a failure is tried again. */
  'action-run': { runId: number; retries?: number };
  /** Compile and deploy one function from its source. */
  'deploy-function': { environmentId: number; jobId: string };
  'dry-run': { environmentId: number; jobId: string };
  /** Attempt one webhook delivery. */
  deliver: { deliveryId: string };
  /** Ask the provider about a new connection. `saves`: which time it was saved; `failures`: how often it could not be asked. */
  'post-connection': { environmentId: number; connectionId: number; saves: number; failures: number };
  /** Ask a provider for webhooks, to go on sending them, or to stop. */
  subscription: { environmentId: number; id: string };
  /** See which subscriptions a connection should have. */
  'ensure-subscriptions': { environmentId: number; connection: number };
  /** Run an on-event function. */
  'on-event-run': { runId: number };
  /** Find out whom some stored webhooks are for, and see to it. */
  'webhooks-route': { environmentId: number; integrationId: number; ids: string[] };
  /** Run a sync's webhook handler. `tries`: how often it has failed for a reason that may pass. */
  'webhook-run': { runId: number; tries: number };
  /** Remove what a deleted environment held. */
  'environment-purge': { environmentId: number };
};
export type TaskName = keyof Tasks;
/** What processes say they take: jobs by their kind, and the runs of syncs, which are taken as they are (`take.ts`). */
export type WorkName = TaskName | 'sync-run';

export type JobContext = {
  /** Counted from 1. */
  readonly attempt: number;
  /** Aborts when this process stops or may no longer work; a handler that then throws has its job run again, here or elsewhere. */
  readonly signal: AbortSignal;
};
export type Handler<T extends TaskName> = (payload: Tasks[T], context: JobContext) => Promise<void>;
export type Handlers = { readonly [T in TaskName]: Handler<T> };

/** Webhooks of an integration are seen to one after the other, so that a function which wants them in order can have them so. */
export const routingQueue = 'webhooks of ';

/** The queue that a job goes to when it is handed back. */
export function queueOf(task: TaskName, payload: unknown): string | undefined {
  const { integrationId } = Object(payload) as Partial<Tasks['webhooks-route']>; // what enqueue stored
  return task === 'webhooks-route' && integrationId !== undefined ? `${routingQueue}${integrationId}` : undefined;
}
