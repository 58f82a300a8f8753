/** The provider sends the browser back: the state is consumed, the code exchanged, the connection saved. */
import { Problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { HookedWorld } from '../connections/hooks.ts';
import { integrationAccess } from '../connections/open.ts';
import { CredentialsError, isPassing } from '../credentials/failure.ts';
import { modes } from '../credentials/modes.ts';
import { lasts, verify } from '../credentials/verify.ts';
import { findEnvironment } from '../environments/find.ts';
import { internalScope, type Scope } from '../http/scope.ts';
import { findIntegrationById } from '../integrations/find.ts';
import { resumeOperation } from '../logs/operation.ts';
import { settleAttempt } from './attempt.ts';
import { completeConnection, failConnection } from './complete.ts';
import type { PageResult } from './page.ts';
import { ownerOf } from './same-account.ts';
import { findSession } from './session.ts';
import { consumeState, type Remembered } from './state.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'builtIns' | 'random' | 'clock' | 'outbound' | 'bus' | 'journal' | 'log'> &
  Pick<HookedWorld, 'hooks'>;
type Callback = {
  query: Record<string, string>;
  /** Does this browser hold the cookie of the one that started? */
  isSameBrowser: (state: string) => boolean;
};

const stale: PageResult = {
  ok: false,
  title: 'This sign-in can’t be finished',
  message: 'It was already used, took longer than an hour, or was started in another browser. Close this window and connect again.',
  errorType: 'state_err',
};

/** A person who installs an app from the vendor's own pages comes here too; nothing was begun that could be finished. */
const installedElsewhere: PageResult = {
  ok: false,
  title: 'The app is installed',
  message: 'Go back to the product that you came from, and connect there. You can close this window.',
  errorType: 'state_err',
};

/** Vendors that hand the state back under another name know only theirs. */
export const stateIn = ({ state, payload, customField }: Record<string, string>): string | undefined =>
  [state, payload, customField].find((one) => one !== undefined && one !== '');

/** What to show, or where to send the browser when it was no popup. */
export type Finished = { page: PageResult; returnTo?: string | undefined };

/** Never throws for what a browser or a provider may send: the page says what happened. */
export async function finishOauth(world: Needs, callback: Callback): Promise<Finished> {
  const state = stateIn(callback.query);
  if (state === undefined && callback.query.installation_id !== undefined) return { page: installedElsewhere };
  if (state === undefined || !callback.isSameBrowser(state)) return { page: stale };
  const found = await consumeState(world, state);
  if (!found) return { page: stale };
  const { attempt } = found.pending;
  return { page: await conclude(world, found, callback.query), returnTo: attempt && returnAddress(attempt) };
}

async function conclude(world: Needs, found: Remembered, query: Record<string, string>): Promise<PageResult> {
  try {
    const scope = internalScope(await findEnvironment(world, found.environmentId));
    return await exchange(world, scope, found, query);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const type = 'provider_config_err'; // deleted meanwhile
    const environment = { id: found.environmentId };
    const { attempt } = found.pending;
    if (attempt) {
      await settleAttempt(world.db, { environment }, attempt.id, { status: 'failed', error: { type, message: error.message } });
    }
    return { ok: false, title: 'This sign-in can’t be finished', message: error.message, errorType: type };
  }
}

/** The page finds by the id what it began; it says nothing to anybody else. */
function returnAddress({ id, returnTo }: { id: string; returnTo: string | undefined }): string | undefined {
  if (returnTo === undefined) return undefined;
  const address = new URL(returnTo);
  address.searchParams.set('bowline_attempt', id);
  return address.href;
}

async function exchange(world: Needs, scope: Scope, found: Remembered, query: Record<string, string>): Promise<PageResult> {
  const { pending } = found;
  const [integration, session] = await Promise.all([
    findIntegrationById(world, scope, found.integrationId),
    findSession(world, scope, found.connectSessionId),
  ]);
  const access = await integrationAccess(world, integration);
  const authMode = access.provider.auth_mode;
  const operation = resumeOperation(world, scope, found.operationId);
  const { connectionId, wsClientId, attempt, override } = pending;
  const about = { session, integration, authMode, operation, connectionId, wsClientId, attempt };
  try {
    const granted = await modes[authMode].finish(world, {
      integration: access,
      connectionConfig: pending.connectionConfig,
      ...(override ? { override } : {}),
      answer: { kind: 'callback', query, redirectUri: pending.redirectUri, kept: pending.kept },
    });
    const verdict = lasts(granted.credentials) ? await verify(world, { integration: access, ...granted }) : undefined;
    if (verdict?.ok === false)
      throw new CredentialsError('callback_err', `${access.provider.display_name} did not accept this: ${verdict.message}`);
    const reconnects = session.reconnects !== null;
    about.connectionId = await ownerOf(world, modes[authMode], { integration, connectionId, reconnects, granted });
    await completeConnection(world, scope, { ...about, granted });
    return { ok: true, isPending: granted.pending !== undefined };
  } catch (error) {
    const known = error instanceof CredentialsError || error instanceof Problem;
    if (!known) world.log.error({ err: error }, 'a connection could not be saved');
    const description = known ? error.message : 'Something went wrong on our side; try again';
    const type = known ? error.code : 'unknown_err';
    await failConnection(world, scope, {
      ...about,
      error: { type, description },
      isProviderDown: error instanceof CredentialsError && isPassing(error.kind),
    });
    return { ok: false, title: `${access.provider.display_name} could not be connected`, message: description, errorType: type };
  }
}
