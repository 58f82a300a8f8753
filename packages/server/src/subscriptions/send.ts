/** One request about a subscription: filled from the catalogue's facts, sent as its owner, and heard for a refusal that comes with status 200. */
import type { WebhookSubscriptionFacts } from '@bowline/providers/subscription';
import { fillTemplate } from '@bowline/providers/template';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { type Access, templateScope } from '../credentials/access.ts';
import { digText } from '../credentials/dig.ts';
import type { Api } from '../credentials/quirks/quirk.ts';
import type { Environment } from '../environments/environment.ts';
import type { Integration } from '../integrations/integration.ts';
import type { SubscriptionSettings } from '../integrations/subscription-settings.ts';
import { requestOf, type SubscriptionValues } from './request.ts';
import type { Remote, Subscription } from './subscription.ts';

export type Ask = {
  readonly world: Pick<World, 'db' | 'keyring' | 'clock' | 'random' | 'config'>;
  readonly row: Subscription;
  readonly facts: WebhookSubscriptionFacts;
  /** Of the connection; for one of an integration, what its developer has. */
  readonly access: Access;
  readonly settings: SubscriptionSettings;
  readonly integration: Integration;
  readonly environment: Environment;
  readonly api: Api;
};
/** `passing`: it is worth asking again soon. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly passing: boolean;
  constructor(message: string, passing = false) {
    super(message);
    this.passing = passing;
  }
}
/** The provider knows of none any more. */
export class LostError extends Error {
  override name = 'LostError';
}

export type Given = {
  secret?: string;
  channel?: string;
  asked?: unknown;
  remote?: Remote;
  event?: SubscriptionValues['event'];
  document?: string;
};
type Requested = Parameters<typeof requestOf>[0];

/** A word of the vendor's, such as `invalid_manifest`: nothing that repeats what was sent. */
const WORD = /^[\w.:-]{1,80}$/;

/** @throws RefusedError, ApiError */
export async function send(ask: Ask, template: Requested, given: Given = {}): Promise<unknown> {
  const { facts, world } = ask;
  const scope = templateScope(ask.access, { now: world.clock.now() });
  const values = valuesOf(ask, given);
  const { at, request } = requestOf(template, facts, scope, values);
  const filled = { ...scope, values: { ...scope.values, ...values } };
  const headers = Object.entries(template === facts.rotate ? {} : (facts.headers ?? {})).map(([name, text]) => {
    const { text: value, unresolved } = fillTemplate(text, filled);
    if (unresolved.length > 0) throw new RefusedError(`There is no value for ${unresolved.join(', ')}; enter it on the integration`);
    return [name, value];
  });
  const answer = await ask.api.request(at, { ...request, headers: Object.fromEntries(headers) });
  const said = facts.error === undefined ? undefined : digText(answer, facts.error);
  if (said !== undefined) throw new RefusedError(`The provider refused: ${WORD.test(said) ? said : 'no reason that can be shown'}`);
  return answer;
}

function valuesOf(ask: Ask, { secret, channel, asked, remote, event, document }: Given): SubscriptionValues {
  const { world, row, facts, settings } = ask;
  const known = remote ?? row.remote ?? undefined;
  const expires = new Date(world.clock.now().getTime() + (facts.lasts_seconds ?? 0) * 1000);
  return {
    target: Object.fromEntries(Object.keys(facts.target ?? {}).map((name) => [name, row.target])),
    events: row.events,
    subscription: {
      url: addressOf(ask),
      channel: channel ?? known?.channel,
      secret,
      id: known?.id,
      expires_iso: expires.toISOString(),
      expires_ms: String(expires.getTime()),
    },
    remote: known ?? {},
    asked,
    settings,
    event: event ?? {},
    document,
  };
}

/** Names the row, so that what comes there needs nobody to guess whom it is for. */
export function addressOf({ world, row, integration, environment }: Ask): string {
  return `${world.config.publicUrl}/webhook/${environment.uuid}/${encodeURIComponent(integration.uniqueKey)}?subscription=${row.id}`;
}

/** Before something is asked for that has to be found again if the answer is lost. */
export async function noteRemote({ world, row }: Ask, remote: Remote): Promise<void> {
  await run(
    world.db,
    sql`update webhook_subscriptions set remote = ${JSON.stringify(remote)}::jsonb where environment_id = ${row.environmentId} and id = ${row.id}`,
  );
}
