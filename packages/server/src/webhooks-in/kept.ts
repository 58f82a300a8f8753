/** A kept webhook: what is sealed of it, where, and the news that there is one. */
import type { ReceivedWebhook } from '@bowline/api/webhooks';

export type KeptContent = Omit<ReceivedWebhook, 'id' | 'received_at'>;

/** A message on the bus: `{ environmentId }`. */
export const CHANNEL = 'webhook kept';

export const keptPlace = ({ environmentId, id }: { environmentId: number; id: number }) => ({
  environmentId,
  context: `kept-webhook:${id}`,
});
