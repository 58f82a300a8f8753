/** Signs a body. Pure. Two headers are those of the specification; three more follow standardwebhooks.com, which adds an id and protection against replay. */
import { createHash, createHmac } from 'node:crypto';

export type ToSign = {
  /** Signing keys, the current one first; their text is the key of the HMACs. Older ones sign in `webhook-signature` alone, the one header that holds several. */
  readonly keys: readonly string[];
  readonly body: string;
  /** Of the delivery: the same on each attempt. */
  readonly id: string;
  readonly at: Date;
};

export function signatureHeaders({ keys, body, id, at }: ToSign): Record<string, string> {
  const seconds = Math.floor(at.getTime() / 1000);
  const [current = ''] = keys;
  const standard = (key: string) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  return {
    // Open to length extension; kept for receivers that check only this one.
    'x-nango-signature': createHash('sha256').update(`${current}${body}`).digest('hex'),
    'x-nango-hmac-sha256': createHmac('sha256', current).update(body).digest('hex'),
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': keys.map(standard).join(' '),
  };
}
