/** Where this folder keeps sealed values; all of them for an hour at most. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { attemptPlace } from './attempt.ts';
import { defaultsPlace } from './session.ts';
import { statePlace } from './state.ts';

export const sealedOfConnect: readonly SealedColumn[] = [
  sealedColumn<{ environmentId: number }>({
    table: 'connect_sessions',
    column: 'defaults_sealed',
    key: ['id'],
    reads: ['environment_id'],
    place: ({ environmentId }) => defaultsPlace(environmentId),
  }),
  sealedColumn<{ environmentId: number; stateHash: Buffer }>({
    table: 'connect_states',
    column: 'sealed',
    key: ['state_hash'],
    reads: ['environment_id', 'state_hash'],
    place: ({ environmentId, stateHash }) => statePlace(environmentId, stateHash),
  }),
  sealedColumn<{ environmentId: number; startHash: Buffer }>({
    table: 'connect_attempts',
    column: 'start_sealed',
    key: ['id'],
    reads: ['environment_id', 'start_hash'],
    place: ({ environmentId, startHash }) => attemptPlace(environmentId, startHash),
  }),
];
