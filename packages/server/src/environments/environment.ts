/** An environment: one account's separate world of integrations, connections and keys, such as `dev` or `prod`. */
import { sql } from 'kysely';
import type { EnvironmentScope } from '../http/scope.ts';
import type { Place } from '../vault/sealed.ts';

export type Environment = EnvironmentScope & { readonly isProduction: boolean };

/** The columns of `Environment`. */
export const environmentColumns = sql`id, uuid, name, account_id, is_production`;

/** The one name that says production by itself. */
export const PRODUCTION_NAME = 'prod';

/** The same rule as the table's check constraint. */
export const environmentName = /^[a-z0-9_-]{1,255}$/;

/** Where each secret is sealed: a value moved to another row does not open. */
export const signingKeyPlace = (environmentId: number): Place => ({ environmentId, context: `signing-key:${environmentId}` });
export const apiKeyPlace = (environmentId: number, secretHash: Buffer): Place => ({
  environmentId,
  context: `api-key:${environmentId}:${secretHash.toString('hex')}`,
});
export const accountKeyPlace = (accountId: number, secretHash: Buffer): Place => ({
  environmentId: null,
  context: `account-key:${accountId}:${secretHash.toString('hex')}`,
});
export const variablePlace = (environmentId: number, name: string): Place => ({
  environmentId,
  context: `variable:${environmentId}:${name}`,
});

export function wireEnvironment({ id, uuid, name, isProduction }: Environment) {
  return { id, uuid, name, is_production: isProduction };
}

/** A signing key in the form of standardwebhooks.com, whose libraries take the bytes behind the prefix: those of the key's text. */
export const standardSecret = (key: string): string => `whsec_${Buffer.from(key, 'utf8').toString('base64')}`;
