/** The jobs of subscriptions, and what they do when others tell news. */
import type { World } from '../base/world.ts';
import type { Listener } from '../events/dispatch.ts';
import type { Handler } from '../queue/task.ts';
import { ensureSubscriptions } from './ensure.ts';
import { noticePoll } from './notice.ts';
import type { SubscriptionWorld } from './owner.ts';
import { forgetSubscriptions } from './remove.ts';
import { workOnSubscription } from './work.ts';

type Needs = Pick<World, 'db' | 'clock' | 'builtIns'>;

export const subscriptionJob =
  (world: SubscriptionWorld): Handler<'subscription'> =>
  (payload, { signal }) =>
    workOnSubscription(world, payload, signal);

/** After the metadata of a connection changed. */
export const ensureSubscriptionsJob =
  (world: Needs): Handler<'ensure-subscriptions'> =>
  ({ environmentId, ...which }) =>
    ensureSubscriptions(world, { environment: { id: environmentId } }, which);

/** Anew where it was made anew: another person may have signed in, whose webhooks are others. */
export const subscribeConnection =
  (world: Needs): Listener<'connection.saved'> =>
  async (tx, { environmentId, payload: { connection, operation } }) =>
    ensureSubscriptions(
      { ...world, db: tx },
      { environment: { id: environmentId } },
      { connection: connection.id, anew: operation === 'override' },
    );

export const followDeployment =
  (world: Needs): Listener<'functions.deployed'> =>
  async (tx, { environmentId, payload }) => {
    for (const integrationId of payload.integrationIds)
      await ensureSubscriptions({ ...world, db: tx }, { environment: { id: environmentId } }, { integration: integrationId });
  };

export const followIntegration =
  (world: Needs): Listener<'integration.updated'> =>
  async (tx, { environmentId, payload }) =>
    ensureSubscriptions(
      { ...world, db: tx },
      { environment: { id: environmentId } },
      { integration: payload.integrationId, anew: payload.anew },
    );

export const forgetConnection: Listener<'connection.deleted'> = (tx, { environmentId, payload }) =>
  forgetSubscriptions(tx, environmentId, payload.connection.id);

export const forgetEnvironment: Listener<'environment.deleted'> = (tx, { environmentId }) => forgetSubscriptions(tx, environmentId);

export const noticeSync =
  (world: Pick<World, 'clock'>): Listener<'sync.completed'> =>
  (tx, { environmentId, payload }) =>
    noticePoll({ ...world, db: tx }, environmentId, payload);
