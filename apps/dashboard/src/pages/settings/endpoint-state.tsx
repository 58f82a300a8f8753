/** How an endpoint fares, in a word. */
import type { WebhookEndpoint } from '@bowline/api/webhook-endpoints';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';

const states: Record<WebhookEndpoint['state'], { word: string; tone: BadgeTone }> = {
  active: { word: 'Active', tone: 'good' },
  paused: { word: 'Paused', tone: 'warn' },
  disabled: { word: 'Disabled', tone: 'plain' },
};

export function EndpointState({ endpoint }: { endpoint: WebhookEndpoint }) {
  const { word, tone } = states[endpoint.state];
  return (
    <Badge dot tone={tone}>
      {word}
    </Badge>
  );
}
