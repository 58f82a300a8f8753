/** The functions that templates may call: digests, signatures, parts of a text. What cannot be computed counts as a value that is missing. Pure. */
import { createHash, createHmac, createPublicKey, sign } from 'node:crypto';
import { type AwsRequest, awsAuthorization } from './aws-signature.ts';

type Call = {
  /** `two`: the last comma separates them, so that the first may hold commas. `list`: every comma separates. */
  readonly takes: 'one' | 'two' | 'list';
  readonly run: (args: readonly string[], request: AwsRequest | undefined) => string | undefined;
};

export const templateFunctions: Readonly<Record<string, Call>> = {
  base64: { takes: 'one', run: ([text = '']) => Buffer.from(text, 'utf8').toString('base64') },
  sha256Hex: { takes: 'one', run: ([text = '']) => createHash('sha256').update(text).digest('hex') },
  sha256Base64: { takes: 'one', run: ([text = '']) => createHash('sha256').update(text).digest('base64') },
  hmacSha1Hex: { takes: 'two', run: ([message = '', key = '']) => createHmac('sha1', key).update(message).digest('hex') },
  /** Of a text with two parts, `id:secret`: what is before its first separator, and what is after it. */
  before: { takes: 'two', run: ([text = '', separator = '']) => text.split(separator, 1)[0] ?? '' },
  after: {
    takes: 'two',
    run: ([text = '', separator = '']) => (text.includes(separator) ? text.slice(text.indexOf(separator) + separator.length) : ''),
  },
  ed25519Sign: { takes: 'two', run: ([message = '', pem = '']) => attempt(() => sign(null, Buffer.from(message), pem).toString('base64')) },
  /** `SHA256:` and the digest of the public key, of which the private one tells too. */
  fingerprint: {
    takes: 'one',
    run: ([pem = '']) =>
      attempt(() => {
        const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
        return `SHA256:${createHash('sha256').update(der).digest('base64')}`;
      }),
  },
  /** The `authorization` header of AWS for the request at hand: id, secret, region, service and, where it is another than usual, host. */
  awsSigV4: {
    takes: 'list',
    run: ([accessKeyId = '', secretAccessKey = '', region = '', service = '', host = `${service}.amazonaws.com`], request) =>
      request && accessKeyId && secretAccessKey
        ? awsAuthorization(request, { accessKeyId, secretAccessKey }, { region, service }, host)
        : undefined,
  },
};

function attempt(compute: () => string): string | undefined {
  try {
    return compute();
  } catch {
    return undefined; // a key that is none
  }
}
