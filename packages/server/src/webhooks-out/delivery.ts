/** A delivery: one event on its way to one endpoint. Its body is written once and sent unchanged on every attempt. */
import type { Machine } from '../base/states.ts';

export const deliveryStates = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];
/** `postpone`: an attempt failed and others remain. `giveUp`: none remains, or none can succeed. */
export type DeliveryEvent = 'succeed' | 'postpone' | 'giveUp' | 'redeliver';

const over = { succeed: null, postpone: null, giveUp: null, redeliver: 'pending' } as const;
/** A delivery ends once; only a person sends it again. */
export const nextState: Machine<DeliveryState, DeliveryEvent> = {
  pending: { succeed: 'delivered', postpone: 'pending', giveUp: 'failed', redeliver: null },
  delivered: over,
  failed: over,
};

/** One that a process has taken in its hands to attempt it. */
export type Delivery = {
  readonly id: string;
  readonly environmentId: number;
  readonly endpointId: string;
  /** Of the event, such as `connection.created`. */
  readonly name: string;
  /** Of the body: `auth`, `sync`, `sync_deletions_held`, `async_action`, `forward`. */
  readonly type: string;
  /** Where the endpoint is now, which may be another place than when the event happened. */
  readonly url: string;
  /** What it is about: the integration's unique key and the connection's id. */
  readonly integration: string | null;
  readonly connection: string | null;
  /** Deliveries of its endpoint with the same go one after the other. */
  readonly orderKey: string | null;
  readonly body: string;
  /** Sent besides ours, which win. */
  readonly headers: Readonly<Record<string, string>> | null;
  /** Made so far, of those that count. */
  readonly attempts: number;
  /** One for each time that it is sent: of a delivery sent again it is another. */
  readonly operationId: string | null;
  /** Its endpoint is paused: this attempt tries whether it answers again, and does not count. */
  readonly isProbe: boolean;
};

/** On the bus: there is something to send. */
export const SEND_CHANNEL = 'webhooks to send';
