/** Where this folder keeps values sealed with a data key: the keys of streams. What records hold is sealed with those (`cipher.ts`). */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { keyPlace } from './key.ts';

export const sealedOfRecords: readonly SealedColumn[] = [
  sealedColumn<{ id: number; environmentId: number }>({
    table: 'record_streams',
    column: 'key_sealed',
    key: ['id'],
    reads: ['id', 'environment_id'],
    place: ({ environmentId, id }) => keyPlace(environmentId, id),
  }),
];
