/**
 * Tokens of a developer that end soon and are exchanged by a refresh token that works once. The next pair is stored before either is used, so whoever goes on after
 * a crash has it. Who dies between the vendor's answer and the commit takes it along: then the developer has to enter another one, and is told so.
 */
import type { World } from '../base/world.ts';
import { ApiError } from '../credentials/api.ts';
import { digText } from '../credentials/dig.ts';
import { keepExchanged, type SubscriptionSettings } from '../integrations/subscription-settings.ts';
import { type Ask, RefusedError, send } from './send.ts';

/** Longer than all that one job asks. */
const EARLY_S = 600;

/** @returns the settings with a token that is good for this job. @throws RefusedError, ApiError */
export async function exchanged(world: Pick<World, 'db' | 'keyring' | 'clock'>, ask: Ask): Promise<SubscriptionSettings> {
  const { rotate } = ask.facts;
  const { refresh_token: used, token, token_expires: expires } = ask.settings;
  const now = world.clock.now().getTime() / 1000;
  const leftS = token ? Number(expires) - now : 0;
  if (!rotate || leftS > EARLY_S) return ask.settings;
  if (!used) throw new RefusedError('There is no refresh token to exchange; enter one on the integration');
  try {
    const answer = await send(ask, rotate);
    const [next, refresh, ends] = [rotate.token, rotate.refresh_token, rotate.expires].map((path) => digText(answer, path));
    if (!next || !refresh)
      throw new RefusedError('The provider exchanged the refresh token for nothing; enter another one on the integration');
    const got = { token: next, refresh_token: refresh, token_expires: ends ?? '' };
    await keepExchanged(world, ask.integration, { used, got });
    return { ...ask.settings, ...got };
  } catch (error) {
    // The one that is there is good for as long as it lasts.
    if (leftS > 0 && (error instanceof RefusedError || error instanceof ApiError)) return ask.settings;
    if (!(error instanceof RefusedError)) throw error;
    throw new RefusedError(
      `${error.message}. The refresh token works once: make another one at the provider and enter it on the integration`,
    );
  }
}
