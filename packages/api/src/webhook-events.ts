/** The events that an app can be told, by name: what endpoints choose from and what the feed carries. */

export const webhookEvents = {
  'connection.created': 'An end user has connected.',
  'connection.overridden': 'A connection was made anew over an existing one.',
  'connection.failed': 'Making a connection failed where the server could see it.',
  'connection.refresh_failed': 'Credentials could not be refreshed.',
  'connection.refresh_recovered': 'Credentials that could not be refreshed work again.',
  'connection.deleted': 'A connection was deleted.',
  'sync.completed': 'A sync run succeeded: one for each model, also where nothing changed.',
  'sync.failed': 'A sync run failed.',
  'sync.deletions_held': 'A run would have deleted so many records that nothing was deleted.',
  'records.changed': 'A sync run added, updated or deleted records of a model.',
  'action.completed': 'An asynchronous action has ended, well or not.',
  'webhook.forwarded': "A provider's webhook, handed on.",
  'endpoint.paused': 'An endpoint for webhooks failed again and again, so what it should get waits.',
  'endpoint.resumed': 'An endpoint that was paused answers again, and gets what waited.',
  'endpoint.disabled': 'An endpoint answered 410 Gone, and gets nothing any more until somebody enables it.',
  'alert.opened': 'Something needs a look: a rate limit that is used up, a sync that is late, a subscription that a provider refuses.',
  'alert.resolved': 'What an alert told of is over.',
  'webhook.test': 'Somebody tries whether an endpoint works.',
} as const;
export type WebhookEventName = keyof typeof webhookEvents;
export const webhookEventNames = Object.keys(webhookEvents) as WebhookEventName[]; // its own keys

/** What the reference tells an app: what an endpoint gets that does not choose. */
export const defaultEvents = [
  'connection.created',
  'connection.overridden',
  'connection.failed',
  'connection.refresh_failed',
  'sync.completed',
  'sync.failed',
  'action.completed',
  'webhook.forwarded',
] as const satisfies readonly WebhookEventName[];

/** `chosen`: names, `sync.*` for all that begin so, `*` for all. */
export function isChosen(chosen: readonly string[], name: string): boolean {
  return chosen.some((one) => one === name || one === '*' || (one.endsWith('.*') && name.startsWith(one.slice(0, -1))));
}
