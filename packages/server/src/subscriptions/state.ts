/** The states of a subscription and what each event makes of them, as one total table. */
import type { Machine } from '../base/states.ts';

/**
 * asking: the provider is to be asked for it. active: the provider sends. leaving: the provider is to be told to stop. gone: its row is removed.
 */
export const subscriptionStates = ['asking', 'active', 'leaving', 'gone'] as const;
export type SubscriptionState = (typeof subscriptionStates)[number];

/**
 * made: the provider agreed. renewed: it agreed to go on. refused: it did not. lost: it knows of none, or none comes. changed: other events, or an account
 * that was connected anew. unwanted: nobody wants it any more. wanted: somebody does again. removed: the provider stopped, or will hear no more of it.
 */
export const subscriptionEvents = ['made', 'renewed', 'refused', 'lost', 'changed', 'unwanted', 'wanted', 'removed'] as const;
export type SubscriptionEvent = (typeof subscriptionEvents)[number];

export const nextSubscriptionState: Machine<SubscriptionState, SubscriptionEvent> = {
  asking: {
    made: 'active',
    renewed: null,
    refused: 'asking',
    lost: null,
    changed: 'asking',
    unwanted: 'leaving',
    wanted: null,
    removed: null,
  },
  active: {
    made: null,
    renewed: 'active',
    refused: 'active', // until it ends
    lost: 'asking',
    changed: 'asking',
    unwanted: 'leaving',
    wanted: null,
    removed: null,
  },
  leaving: {
    made: null,
    renewed: null,
    refused: 'leaving',
    lost: null,
    changed: null,
    unwanted: null,
    wanted: 'asking',
    removed: 'gone',
  },
  gone: { made: null, renewed: null, refused: null, lost: null, changed: null, unwanted: null, wanted: null, removed: null },
};
