/** Where this folder keeps sealed values: for a month at most. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { partPlace } from './capture.ts';

export const sealedOfCaptures: readonly SealedColumn[] = [
  sealedColumn<{ environmentId: number; captureId: number; part: number }>({
    table: 'capture_parts',
    column: 'sealed',
    key: ['capture_id', 'part'],
    reads: ['environment_id', 'capture_id', 'part'],
    place: partPlace,
  }),
];
