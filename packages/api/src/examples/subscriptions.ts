/** Examples of subscriptions to webhooks. */
import type { Subscription } from '../subscriptions.ts';
import type { Examples } from './example.ts';
import { moment } from './integrations.ts';

const subscription: Subscription = {
  id: '5f0c9f0e-2c0e-4c39-9f0f-6a1b5d1c7e10',
  integration: 'github',
  connection: 'user-1',
  target: 'acme/website',
  events: ['issues', 'pull_request'],
  state: 'active',
  error: null,
  made_at: moment,
  expires_at: null,
  next_at: null,
  last_event_at: moment,
};

export const examplesOfSubscriptions: Examples<'subscriptions'> = {
  subscriptions: {
    list: {
      answer: {
        offer: {
          of: 'connection',
          manages: true,
          scopes: ['admin:repo_hook'],
          target: { title: 'Repository', metadata: 'repositories', default: null },
          settings: [],
          docs: 'https://docs.github.com/en/rest/repos/webhooks',
        },
        data: [subscription],
      },
    },
    renew: { answer: { data: { ...subscription, state: 'asking' } } },
  },
};
