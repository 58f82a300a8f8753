/** Where this folder keeps sealed values. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { incomingPlace } from './incoming-webhook.ts';
import { keptPlace } from './kept.ts';

export const sealedOfWebhooksIn: readonly SealedColumn[] = [
  sealedColumn<{ environmentId: number; id: number }>({
    table: 'kept_webhooks',
    column: 'sealed',
    key: ['environment_id', 'id'],
    reads: ['environment_id', 'id'],
    place: keptPlace,
  }),
  sealedColumn<{ environmentId: number; id: string }>({
    table: 'incoming_webhooks',
    column: 'sealed',
    key: ['id'],
    reads: ['environment_id', 'id'],
    place: incomingPlace,
  }),
];
