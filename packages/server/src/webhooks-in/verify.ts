/** Whether a webhook comes from the provider: one check for each name in the catalogue's `webhook_routing_script`. Pure, over the bytes as received. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type RegisteredClient, webhookSecretOf } from '../integrations/client.ts';

export type Incoming = {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};
export type Verify = (incoming: Incoming, client: RegisteredClient) => boolean;

export const verifiers: Readonly<Record<string, Verify>> = {
  // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
  githubApp: ({ headers, body }, client) => matches(headers['x-hub-signature-256'], hmac(webhookSecretOf(client), body), 'sha256='),
  // https://docs.sentry.io/organization/integrations/integration-platform/webhooks/
  sentryApp: ({ headers, body }, { clientSecret }) => matches(headers['sentry-hook-signature'], hmac(clientSecret, body)),
};

/** Nothing is signed with a secret that does not exist. */
const hmac = (secret: string | undefined, body: Buffer) => (secret ? createHmac('sha256', secret).update(body).digest('hex') : undefined);

function matches(given: string | string[] | undefined, expected: string | undefined, prefix = ''): boolean {
  if (typeof given !== 'string' || expected === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(prefix + expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
