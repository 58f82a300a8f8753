/** How a delivery stands: what was answered last, in a colour that says whether that is the end of it. */
import type { WebhookDelivery } from '@bowline/api/webhook-deliveries';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';

const tones: Record<WebhookDelivery['state'], BadgeTone> = { pending: 'accent', delivered: 'good', failed: 'bad' };
export const stateWords: Record<WebhookDelivery['state'], string> = { pending: 'Pending', delivered: 'Delivered', failed: 'Failed' };

export function DeliveryState({ delivery: { state, last_status } }: { delivery: WebhookDelivery }) {
  return (
    <Badge dot tone={tones[state]}>
      {stateWords[state]}
      {last_status !== null && ` ${last_status}`}
    </Badge>
  );
}
