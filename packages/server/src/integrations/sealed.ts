/** Where this folder keeps sealed values. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { placeOf } from './integration.ts';
import { placeOfSecrets } from './secrets.ts';
import { placeOfSubscriptionSettings } from './subscription-settings.ts';
import { placeOfWebhookSecrets } from './webhooks.ts';

export const sealedOfIntegrations: readonly SealedColumn[] = [
  sealedColumn<{ id: number; environmentId: number }>({
    table: 'integrations',
    column: 'credentials_sealed',
    key: ['id'],
    reads: ['id', 'environment_id'],
    place: ({ environmentId, id }) => placeOf(environmentId, id),
  }),
  sealedColumn<{ id: number; environmentId: number }>({
    table: 'integrations',
    column: 'secrets_sealed',
    key: ['id'],
    reads: ['id', 'environment_id'],
    place: ({ environmentId, id }) => placeOfSecrets(environmentId, id),
  }),
  sealedColumn<{ id: number; environmentId: number }>({
    table: 'integrations',
    column: 'webhook_secrets_sealed',
    key: ['id'],
    reads: ['id', 'environment_id'],
    place: ({ environmentId, id }) => placeOfWebhookSecrets(environmentId, id),
  }),
  sealedColumn<{ id: number; environmentId: number }>({
    table: 'integrations',
    column: 'subscription_settings_sealed',
    key: ['id'],
    reads: ['id', 'environment_id'],
    place: ({ environmentId, id }) => placeOfSubscriptionSettings(environmentId, id),
  }),
];
