/** Where this folder keeps sealed values. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { secretPlace } from './endpoint.ts';
import { forwardedPlace } from './forwarded.ts';

const secret = (column: string) =>
  sealedColumn<{ environmentId: number; id: string }>({
    table: 'webhook_endpoints',
    column,
    key: ['id'],
    reads: ['environment_id', 'id'],
    place: secretPlace,
  });

export const sealedOfWebhooksOut: readonly SealedColumn[] = [
  secret('secret_sealed'),
  secret('previous_secret_sealed'),
  sealedColumn<{ environmentId: number; id: string }>({
    table: 'forwarded_webhooks',
    column: 'sealed',
    key: ['id'],
    reads: ['environment_id', 'id'],
    place: forwardedPlace,
  }),
];
