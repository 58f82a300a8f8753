/** The certificate that a client shows (mutual TLS, RFC 8705), as people paste it: checked before it is stored, so that a bad one is found by its owner. */
import { X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../base/outbound-agents.ts';
import { CredentialsError } from './failure.ts';
import { privateKeyOf, tidyPem } from './signing-key.ts';

const refuse = (name: 'client_certificate' | 'client_private_key', message: string, cause?: unknown) =>
  new CredentialsError('invalid_body', `${name} ${message}`, { path: ['credentials', name] }, { cause });

/** @returns undefined when there is no certificate @throws CredentialsError `invalid_body` that says which of the two is wrong and how */
export function readCertificate(cert: string | undefined, key: string | undefined, now: Date): ClientCertificate | undefined {
  if (!cert) return undefined;
  if (!key) throw refuse('client_private_key', 'is required: a certificate is of no use without its key');
  const chain = tidyChain(cert);
  const leaf = parse(chain);
  if (Date.parse(leaf.validTo) < now.getTime()) throw refuse('client_certificate', `expired on ${leaf.validTo}; ask for a new one`);
  const privateKey = readKey(key);
  if (!leaf.checkPrivateKey(privateKey)) throw refuse('client_private_key', 'belongs to another certificate');
  return { cert: chain, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

/** The certificate first, then those that signed it, where they were pasted along. Bare base64 gets its markers. */
function tidyChain(text: string): string {
  const blocks = text.replaceAll(/\\[rn]/g, '\n').match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (blocks) return blocks.map((block) => tidyPem(block)).join('');
  const bare = tidyPem(text);
  return bare.startsWith('-----BEGIN') ? bare : tidyPem(`-----BEGIN CERTIFICATE-----${bare}-----END CERTIFICATE-----`);
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw refuse('client_certificate', 'cannot be read: paste it whole, from its BEGIN CERTIFICATE to its END CERTIFICATE line', error);
  }
}

function readKey(text: string) {
  try {
    return privateKeyOf(text);
  } catch (error) {
    throw refuse('client_private_key', 'cannot be read: paste it whole, from its BEGIN to its END line, without a passphrase', error);
  }
}
