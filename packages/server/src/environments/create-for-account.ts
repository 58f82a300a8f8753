/** Create an environment as an account asks for it over HTTP: with its rights, its limit, and nothing taken that cannot be kept. */
import { problem } from '@bowline/api/problem';
import { granted } from '@bowline/api/scopes';
import { transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { AccountScope } from '../http/scope.ts';
import { createEnvironment } from './create.ts';
import { type Environment, PRODUCTION_NAME } from './environment.ts';
import { lockEnvironments } from './find.ts';
import { updateSettings } from './settings.ts';

export const ENVIRONMENTS_MAX = 100;
const productionScope = 'account:environments:set_production';

type Wanted = { name: string; is_production?: boolean | undefined; callback_url?: string | undefined };

/** @throws forbidden, invalid_is_prod_flag, conflict, resource_capped */
export function createForAccount(
  world: Pick<World, 'db' | 'keyring' | 'random' | 'config' | 'bus' | 'outbound'>,
  { accountId, grants }: AccountScope,
  { name, is_production, callback_url }: Wanted,
): Promise<Environment> {
  const isProduction = is_production ?? name === PRODUCTION_NAME;
  if ((isProduction || name === PRODUCTION_NAME) && !granted(grants, productionScope)) {
    throw problem('forbidden', { message: `This key may not make a production environment: it needs ${productionScope}` });
  }
  if (name === PRODUCTION_NAME && !isProduction) throw problem('invalid_is_prod_flag');
  return transaction(world.db, async (tx) => {
    const existing = await lockEnvironments(tx, accountId);
    if (existing.length >= ENVIRONMENTS_MAX && !existing.some((one) => one.name === name)) {
      throw problem('resource_capped', {
        message: `An account has at most ${ENVIRONMENTS_MAX} environments; delete one that is no longer used`,
      });
    }
    const inTx = { ...world, db: tx };
    const environment = await createEnvironment(inTx, { accountId, name, isProduction });
    if (!environment) throw problem('conflict', { message: `Your account already has an environment named "${name}"` });
    if (callback_url !== undefined) await updateSettings(inTx, { environment }, { callback_url });
    return environment;
  });
}
