/** Private keys as people paste them: with escaped line breaks, on one line, wrapped in base64 once or twice, or without their markers. Pure. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { CredentialsError } from './failure.ts';

const pem = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/;

/** A PEM in its canonical form, 64 characters a line; any other text as it is. */
export function tidyPem(text: string, unwraps = 2): string {
  const found = pem.exec(text.replaceAll(/\\[rn]/g, '\n'));
  if (found) {
    const lines = (found[2] ?? '').replaceAll(/[^A-Za-z0-9+/=]/g, '').match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${found[1]}-----`, ...lines, `-----END ${found[1]}-----`, ''].join('\n');
  }
  if (unwraps === 0 || !/^[A-Za-z0-9+/=\s]{64,}$/.test(text)) return text;
  const unwrapped = tidyPem(Buffer.from(text, 'base64').toString('latin1'), unwraps - 1);
  return pem.test(unwrapped) ? unwrapped : text;
}

/** @throws CredentialsError that tells how to paste the key, and nothing of it */
export function privateKeyOf(text: string): KeyObject {
  const tidy = tidyPem(text);
  if (pem.test(tidy)) {
    try {
      return createPrivateKey(tidy);
    } catch {
      throw unreadable();
    }
  }
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: Buffer.from(tidy, 'base64'), format: 'der', type });
    } catch {
      // The next form is tried: a key without markers does not say which it is.
    }
  }
  throw unreadable();
}

const unreadable = () =>
  new CredentialsError(
    'invalid_body',
    'the private key cannot be read: paste it whole, from its BEGIN line to its END line, without a passphrase',
  );
