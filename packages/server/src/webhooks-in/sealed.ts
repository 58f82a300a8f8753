/** Where this folder keeps sealed values: for an hour at most. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { keptPlace } from './kept.ts';

export const sealedOfWebhooksIn: readonly SealedColumn[] = [
  sealedColumn<{ environmentId: number; id: number }>({
    table: 'kept_webhooks',
    column: 'sealed',
    key: ['environment_id', 'id'],
    reads: ['environment_id', 'id'],
    place: keptPlace,
  }),
];
