/**
 * Stripe's lists; shared by the syncs of this integration. They can be filtered by when an object was created, never by when it changed. What
 * changed is in the list of events, which Stripe keeps for 30 days; each event holds the object as it was then.
 */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

/** In seconds, as Stripe counts. */
export const Checkpoint = z.object({ since: z.number() });

const Page = z.object({ data: z.array(z.looseObject({ id: z.string() })), has_more: z.boolean() });
const Event = z.object({ id: z.string(), type: z.string(), data: z.object({ object: z.looseObject({ id: z.string() }) }) });
type StripeObject = z.infer<typeof Page>['data'][number];

/** A day less than events are kept, for a run that takes long. */
const eventsKeptSeconds = 29 * 24 * 60 * 60;
const overlapSeconds = 5 * 60;

/** `since` is undefined when everything has to be read: at first, and after a pause that is longer than Stripe's memory. */
export const window = (checkpoint: { since: number } | null) => {
  const now = Math.floor(Date.now() / 1000);
  const isKept = checkpoint !== null && checkpoint.since > now - eventsKeptSeconds;
  return { since: isKept ? checkpoint.since : undefined, next: { since: now - overlapSeconds } };
};

/** Every page, newest first. The next page is named by the last object of the one before. */
export async function* list(nango: NangoAction, endpoint: string, params: Record<string, string>): AsyncGenerator<StripeObject[]> {
  for (let after: string | undefined; ; ) {
    const asked = { limit: '100', ...params, ...(after !== undefined && { starting_after: after }) };
    const response = await nango.get({ endpoint, params: asked, retries: 3 });
    const { data, has_more } = Page.parse(response.data);
    yield data;
    after = data.at(-1)?.id;
    if (!has_more || after === undefined) return;
  }
}

/**
 * The objects of these events, each as its latest event has it. Those of a type that ends in `.deleted` are gone, unless they are among
 * `types.kept`: the "deletion" of a subscription is its end.
 */
export async function* changes(
  nango: NangoAction,
  types: { names: readonly string[]; kept?: readonly string[] },
  since: number,
): AsyncGenerator<{ saved: StripeObject[]; deleted: { id: string }[] }> {
  const named = Object.fromEntries(types.names.map((name, index) => [`types[${index}]`, name]));
  const seen = new Set<string>();
  for await (const page of list(nango, '/v1/events', { 'created[gte]': String(since), ...named })) {
    const latest = z
      .array(Event)
      .parse(page)
      .filter(({ data: { object } }) => !seen.has(object.id) && seen.add(object.id));
    const isGone = ({ type }: { type: string }) => type.endsWith('.deleted') && !types.kept?.includes(type);
    yield {
      saved: latest.filter((event) => !isGone(event)).map(({ data }) => data.object),
      deleted: latest.filter(isGone).map(({ data }) => ({ id: data.object.id })),
    };
  }
}

/** Seconds since 1970, as text. */
export const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
export const timeOrNull = (seconds: number | null | undefined): string | null => (seconds ? time(seconds) : null);
