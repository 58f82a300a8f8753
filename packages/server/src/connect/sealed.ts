/** Where this folder keeps sealed values: for an hour at most, but for what waits for a provider. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { attemptPlace } from './attempt.ts';
import { pendingPlace } from './pending.ts';
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
  sealedColumn<{ environmentId: number; connectionId: number }>({
    table: 'connect_pending',
    column: 'sealed',
    key: ['connection_id'],
    reads: ['environment_id', 'connection_id'],
    place: pendingPlace,
  }),
];
