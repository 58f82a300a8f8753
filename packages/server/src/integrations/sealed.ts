/** Where this folder keeps sealed values. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { placeOf } from './integration.ts';

export const sealedOfIntegrations: readonly SealedColumn[] = [
  sealedColumn<{ id: number; environmentId: number }>({
    table: 'integrations',
    column: 'credentials_sealed',
    key: ['id'],
    reads: ['id', 'environment_id'],
    place: ({ environmentId, id }) => placeOf(environmentId, id),
  }),
];
