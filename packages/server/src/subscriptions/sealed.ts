/** Where this folder keeps sealed values. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { placeOf } from './subscription.ts';

export const sealedOfSubscriptions: readonly SealedColumn[] = [
  sealedColumn<{ environmentId: number; id: string }>({
    table: 'webhook_subscriptions',
    column: 'secret_sealed',
    key: ['id'],
    reads: ['id', 'environment_id'],
    place: placeOf,
  }),
];
