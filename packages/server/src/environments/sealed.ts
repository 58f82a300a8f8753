/** Where this folder keeps sealed values. */
import { type SealedColumn, sealedColumn } from '../vault/column.ts';
import { accountKeyPlace, apiKeyPlace, signingKeyPlace, variablePlace } from './environment.ts';

type Holder = { readonly environmentId: number; readonly accountId: null } | { readonly environmentId: null; readonly accountId: number };

export const sealedOfEnvironments: readonly SealedColumn[] = [
  sealedColumn<{ id: number }>({
    table: 'environments',
    column: 'signing_key_sealed',
    key: ['id'],
    reads: ['id'],
    place: ({ id }) => signingKeyPlace(id),
  }),
  sealedColumn<{ id: number }>({
    table: 'environments',
    column: 'previous_signing_key_sealed',
    key: ['id'],
    reads: ['id'],
    place: ({ id }) => signingKeyPlace(id),
  }),
  sealedColumn<Holder & { secretHash: Buffer }>({
    table: 'api_keys',
    column: 'secret_sealed',
    key: ['id'],
    reads: ['environment_id', 'account_id', 'secret_hash'],
    place: ({ environmentId, accountId, secretHash }) =>
      environmentId === null ? accountKeyPlace(accountId, secretHash) : apiKeyPlace(environmentId, secretHash),
  }),
  sealedColumn<{ environmentId: number; name: string }>({
    table: 'environment_variables',
    column: 'value_sealed',
    key: ['environment_id', 'name'],
    reads: ['environment_id', 'name'],
    place: ({ environmentId, name }) => variablePlace(environmentId, name),
  }),
];
