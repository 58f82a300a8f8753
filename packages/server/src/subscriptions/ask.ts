/** The requests of one subscription, in their order: each deed of `work.ts` is one function here. */
import type { WebhookSubscriptionFacts } from '@bowline/providers/subscription';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import { ApiError } from '../credentials/api.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import { checkShared, makeShared, sharedOf, takeBackShared } from './app-setup.ts';
import { type Agreed, agreedOf, foundIn, listedIn } from './request.ts';
import { type Ask, addressOf, LostError, send } from './send.ts';
import { placeOf, type Remote } from './subscription.ts';

export type Made = { readonly remote: Remote; readonly madeAt: Date; readonly expiresAt: Date | null };

/** 256 bits, as hexadecimal digits: every vendor takes these. */
const SECRET_BYTES = 32;

/**
 * Makes it. Where the vendor lists what there is, whatever has our address is removed first: a second one would be refused, or tell everything twice. Where it
 * does not, the one before is removed once the new one is there, and one that we do not know of ends by itself.
 */
export async function make(ask: Ask): Promise<Made> {
  const { row, facts } = ask;
  const { find } = facts;
  if (find && (row.isDoubtful || row.remote)) await removeFound(ask, find);
  const secret = await beginning(ask);
  const channel = ask.world.random.uuid();
  const shared = sharedOf(facts);
  if (shared) return madeOf(ask, await makeShared(ask, shared, { secret, channel }), channel);
  const asked = facts.before ? await send(ask, facts.before, { secret, channel }) : undefined;
  const agreed = agreedOf(facts, await send(ask, facts.create, { secret, channel, asked }), channel);
  if (agreed.secret !== undefined) await keepSecret(ask, agreed.secret);
  // One that goes on by itself took the place of the one before.
  if (!find && !facts.renew && row.remote) await takeBack(ask);
  return madeOf(ask, agreed, channel);
}

/** Has it last longer: by the vendor's own way, or with another one in its place. Of one that does not end it is seen whether it is still there. */
export async function renew(ask: Ask): Promise<Made | undefined> {
  const { row, facts } = ask;
  if (!row.expiresAt) return check(ask);
  if (!facts.renew || !row.remote) return make(ask);
  const { channel } = row.remote;
  const agreed = agreedOf(facts, await send(ask, facts.renew, { channel }), channel);
  return madeOf(ask, { ...agreed, kept: { ...row.remote, ...agreed.kept } }, channel);
}

/** @throws LostError */
async function check(ask: Ask): Promise<undefined> {
  const { facts, row } = ask;
  const shared = sharedOf(facts);
  if (shared) return void (await checkShared(ask, shared));
  const isListed = !facts.find || !row.remote || listedIn(facts.find, await send(ask, facts.find)).includes(row.remote.id);
  if (!isListed) throw new LostError('The provider no longer lists it, or has turned it off');
}

/** Whether there is a way to see that one is still there. */
export const isCheckable = ({ find, address }: WebhookSubscriptionFacts) => find !== undefined || address !== undefined;

/** One that the vendor does not know of is taken back already. */
export async function takeBack(ask: Ask): Promise<undefined> {
  const { row, facts } = ask;
  const shared = sharedOf(facts);
  if (shared) return void (await takeBackShared(ask, shared));
  if (row.isDoubtful && facts.find) await removeFound(ask, facts.find);
  else if (row.remote) await removeOne(ask, row.remote);
}

async function removeFound(ask: Ask, find: NonNullable<WebhookSubscriptionFacts['find']>): Promise<void> {
  const ids = foundIn(find, await send(ask, find), addressOf(ask));
  for (const id of ids) await removeOne(ask, { id, channel: id });
}

async function removeOne(ask: Ask, remote: Remote): Promise<void> {
  try {
    await send(ask, ask.facts.remove, { channel: remote.channel, remote });
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 410)) throw error;
  }
}

/** Before the vendor is asked: it may send at once, and the secret must be there by then. */
async function beginning({ world, row, facts }: Ask): Promise<string> {
  const place = placeOf(row);
  const isOurs = facts.answer.secret === undefined;
  const known = isOurs && row.secretSealed ? await open(world.keyring, place, row.secretSealed) : undefined;
  const secret = known ?? world.random.bytes(SECRET_BYTES).toString('hex');
  const sealed = known === undefined ? await seal(world.keyring, place, secret) : row.secretSealed;
  await run(
    world.db,
    sql`update webhook_subscriptions set is_doubtful = true, secret_sealed = ${sealed} where environment_id = ${row.environmentId} and id = ${row.id}`,
  );
  return secret;
}

async function keepSecret({ world, row }: Ask, secret: string): Promise<void> {
  const sealed = await seal(world.keyring, placeOf(row), secret);
  await run(
    world.db,
    sql`update webhook_subscriptions set secret_sealed = ${sealed} where environment_id = ${row.environmentId} and id = ${row.id}`,
  );
}

function madeOf({ world, facts }: Ask, { id, kept, expiresAt }: Agreed, channel: string): Made {
  const madeAt = world.clock.now();
  const asked = facts.lasts_seconds === undefined ? null : new Date(madeAt.getTime() + facts.lasts_seconds * 1000);
  return { remote: { ...kept, id, channel }, madeAt, expiresAt: expiresAt ?? asked };
}
