/** Which subscriptions a connection should have. Pure. */
import { matches } from '@bowline/providers/patterns';
import type { WebhookSubscriptionFacts } from '@bowline/providers/subscription';

export type Wanted = { readonly target: string; readonly events: readonly string[] };
type Author = {
  readonly type: string;
  readonly enabled: boolean;
  readonly config: { readonly webhookSubscriptions?: string[] | undefined };
};

/** More would be a mistake in the metadata, and each is a request. */
const TARGETS_MAX = 1_000;

/**
 * @param functions of the integration; what none of them subscribes to is subscribed to whole, for the webhooks that are forwarded
 * @param metadata of the connection: its targets
 */
export function wantedOf(
  facts: WebhookSubscriptionFacts,
  functions: readonly Author[],
  metadata: Readonly<Record<string, unknown>> | null,
): Wanted[] {
  const events = eventsOf(facts, functions);
  return targetsOf(facts, metadata).map((target) => ({ target, events }));
}

function eventsOf({ all_events: all, means, told }: WebhookSubscriptionFacts, functions: readonly Author[]): string[] {
  if (all.length === 0) return [];
  const named = functions.flatMap(({ enabled, config }) => (enabled ? (config.webhookSubscriptions ?? []) : []));
  // What the vendor tells of the subscription itself comes unasked.
  const asked = named.filter((name) => told?.[name] === undefined);
  const isWhole = asked.length === 0 || asked.includes('*');
  return isWhole ? [...all] : [...new Set(asked.flatMap((name) => means?.[name] ?? [name]))].sort();
}

function targetsOf({ target: declared = {} }: WebhookSubscriptionFacts, metadata: Readonly<Record<string, unknown>> | null): string[] {
  const [target] = Object.values(declared);
  if (!target) return [''];
  const given = metadata?.[target.metadata] ?? target.default ?? [];
  const fitting = [given].flat().filter((one): one is string => typeof one === 'string' && matches(target.pattern, one));
  return [...new Set(fitting)].slice(0, TARGETS_MAX);
}
