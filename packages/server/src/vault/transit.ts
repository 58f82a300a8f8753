/**
 * Wraps data keys with a "transit" key service: HashiCorp Vault or OpenBao, over their HTTP API, without a library of either.
 * The key never leaves the service. A data key's environment goes along as associated data, so the key must be of an AEAD type.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Outbound, OutboundResponse } from '../base/outbound.ts';
import { readText } from '../base/outbound.ts';
import { VaultError } from './sealed.ts';
import type { KeyWrapper } from './wrapper.ts';

export type TransitOptions = {
  /** As the service has it: `https://openbao.internal:8200/v1/transit/keys/bowline`. */
  readonly keyUrl: string;
  /** The token, or `file:` and the path of a file that holds it, read for each request: an agent renews it there. */
  readonly token: string;
  readonly outbound: Pick<Outbound, 'request'>;
};

const encrypted = z.object({ data: z.object({ ciphertext: z.string().regex(/^[\w-]+:v\d+:./) }) });
const decrypted = z.object({ data: z.object({ plaintext: z.base64() }) });
const refused = z.object({ errors: z.array(z.string()) });

const TIMEOUT_MS = 10_000;
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

export function transitWrapper(options: TransitOptions): KeyWrapper {
  const name = decodeURIComponent(options.keyUrl.split('/').at(-1) ?? '');
  return {
    kind: 'transit',
    wrap: async (key, context) => {
      const { data } = await ask(options, 'encrypt', encrypted, { plaintext: base64(key), associated_data: base64(context) });
      return { bytes: Buffer.from(data.ciphertext, 'utf8'), by: `transit:${name}:${data.ciphertext.split(':')[1]}` };
    },
    unwrap: async ({ bytes }, context) => {
      const { data } = await ask(options, 'decrypt', decrypted, { ciphertext: bytes.toString('utf8'), associated_data: base64(context) });
      return Buffer.from(data.plaintext, 'base64');
    },
  };
}

async function ask<T>(
  { keyUrl, token, outbound }: TransitOptions,
  verb: 'encrypt' | 'decrypt',
  schema: z.ZodType<T>,
  body: object,
): Promise<T> {
  const url = keyUrl.replace(/\/keys\/([^/]+)$/, `/${verb}/$1`);
  const headers = { 'x-vault-token': tokenOf(token), 'x-vault-request': 'true', 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(body), redirectsMax: 0, headersTimeoutMs: TIMEOUT_MS };
  let response: OutboundResponse;
  let text: string;
  try {
    response = await outbound.request(url, request);
    text = await readText(response);
  } catch (error) {
    throw new VaultError(`the key service did not ${verb}: ${error instanceof Error ? error.message : 'no answer'}`, { cause: error });
  }
  const parsed = response.status === 200 ? schema.safeParse(json(text)) : undefined;
  if (parsed?.success) return parsed.data;
  throw new VaultError(`the key service at ${new URL(url).origin} did not ${verb}: status ${response.status}${reasons(text)}`);
}

/** What the service says is for operators; of an answer in any other form nothing is quoted. */
function reasons(text: string): string {
  const parsed = refused.safeParse(json(text));
  return parsed.success && parsed.data.errors.length > 0 ? `, ${parsed.data.errors.join('; ').slice(0, 300)}` : '';
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tokenOf(token: string): string {
  if (!token.startsWith('file:')) return token;
  try {
    return readFileSync(token.slice('file:'.length), 'utf8').trim();
  } catch (cause) {
    throw new VaultError(`the file of the key service's token cannot be read: ${token.slice('file:'.length)}`, { cause });
  }
}
