/** Signs a body. Pure. Two headers are those of the specification; three more follow standardwebhooks.com, which adds an id and protection against replay. */
import { createHash, createHmac } from 'node:crypto';

export type ToSign = {
  /** The environment's signing key, a UUID; its text is the key of the HMACs. */
  readonly key: string;
  readonly body: string;
  /** Of the delivery: the same on each attempt. */
  readonly id: string;
  readonly at: Date;
};

export function signatureHeaders({ key, body, id, at }: ToSign): Record<string, string> {
  const seconds = Math.floor(at.getTime() / 1000);
  return {
    // Open to length extension; kept for receivers that check only this one.
    'x-nango-signature': createHash('sha256').update(`${key}${body}`).digest('hex'),
    'x-nango-hmac-sha256': createHmac('sha256', key).update(body).digest('hex'),
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  };
}
