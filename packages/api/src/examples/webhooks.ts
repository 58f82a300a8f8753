/** Examples of where events go, and of what became of them. */
import type { FeedEvent } from '../events.ts';
import type { WebhookDelivery } from '../webhook-deliveries.ts';
import type { WebhookEndpoint } from '../webhook-endpoints.ts';
import type { Examples } from './example.ts';
import { moment } from './integrations.ts';

const endpoint: WebhookEndpoint = {
  id: '0f7c2b9e-3d1a-4c58-9e6b-7a2d4f8c1b30',
  kind: 'own',
  url: 'https://app.example.com/hooks/bowline',
  description: 'The billing service',
  events: ['connection.*', 'records.changed'],
  integrations: ['github'],
  ordered: true,
  enabled: true,
  state: 'active',
  disabled_reason: null,
  failing_since: null,
  next_attempt_at: null,
  waiting: 0,
  created_at: moment,
};
const secret = 'whsec_M1c0Q0t4ZUlQMGZ6eEs5b1hWd2h1d1pVd2xqUjZqT0hQaUVyYkQ4dnFqYw==';
const delivery: WebhookDelivery = {
  id: '5d0e7a34-6b21-4f9c-8a57-2c9b1e3d4f60',
  endpoint_id: endpoint.id,
  url: endpoint.url,
  event: 'records.changed',
  integration: 'github',
  connection: 'user-1',
  state: 'delivered',
  attempts: 2,
  last_status: 204,
  last_error: null,
  next_attempt_at: null,
  created_at: moment,
  finished_at: moment,
};
const data = {
  connectionId: 'user-1',
  from: 'nango',
  model: 'Issue',
  providerConfigKey: 'github',
  responseResults: { added: 3, deleted: 0, updated: 1 },
  syncName: 'issues',
  syncVariant: 'base',
  type: 'records_changed',
};
const event: FeedEvent = { id: '4711.1', event: 'records.changed', created_at: moment, data };

export const examplesOfWebhooks: Examples<'webhookEndpoints' | 'webhookDeliveries' | 'events'> = {
  webhookEndpoints: {
    list: { answer: { data: [endpoint] } },
    create: {
      body: { url: endpoint.url, description: endpoint.description, events: endpoint.events, integrations: ['github'], ordered: true },
      answer: { data: { ...endpoint, secret } },
    },
    get: { answer: { data: endpoint } },
    update: { body: { enabled: true }, answer: { data: endpoint } },
    remove: { answer: { success: true } },
    secret: { answer: { data: { secret } } },
    rotateSecret: { answer: { data: { secret } } },
    resume: { answer: { data: endpoint } },
    test: { answer: { data: { delivery_id: delivery.id } } },
  },
  webhookDeliveries: {
    list: { answer: { data: [delivery], next_cursor: null } },
    count: { answer: { data: { pending: 12, delivered: 4_210, failed: 3, more: false } } },
    get: {
      answer: {
        data: {
          ...delivery,
          body: JSON.stringify(data),
          attempts_made: [
            { at: moment, duration_ms: 20_000, status: null, error: 'No answer within 20 seconds', response: null },
            { at: moment, duration_ms: 41, status: 204, error: null, response: null },
          ],
        },
      },
    },
    redeliver: { answer: { success: true } },
    redeliverMany: { body: { endpoint: endpoint.id, from: moment }, answer: { data: { count: 12, more: false, next_cursor: null } } },
  },
  events: { list: { answer: { data: [event], next_cursor: '4711.1', has_more: false } } },
};
