/** What the editor of the settings shows: invented services, so that a preview needs no session and looks the same in every environment. */
import { type Appearance, defaultAppearance } from '@bowline/api/appearance';
import type { Client } from './client.ts';

const integration = (unique_key: string, display_name: string) => ({
  unique_key,
  display_name,
  provider: unique_key,
  logo: '',
  forward_webhooks: false,
  manage_subscriptions: false,
  created_at: '',
  updated_at: '',
});

/** Answers as the server would, without asking it. */
export function sampleClient(appearance: Appearance = defaultAppearance): Client {
  return {
    session: async () => ({ endUser: { display_name: 'Ada Lovelace' }, connectUISettings: appearance }),
    integrations: async () => [
      integration('harbor-crm', 'Harbor CRM'),
      integration('tide-mail', 'Tide Mail'),
      integration('buoy-desk', 'Buoy Desk'),
    ],
    provider: async (name) => ({
      name,
      display_name: name,
      auth_mode: 'API_KEY',
      logo_url: '',
      connection_config: {
        domain: { title: 'Domain', description: '', example: 'acme', prefix: 'https://', suffix: '.example.com', default_value: '' },
      },
      credentials: { apiKey: { title: 'API key', description: '', secret: true } },
    }),
  };
}
