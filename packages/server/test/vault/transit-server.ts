/**
 * A small "transit" key service, written to the public API documentation of OpenBao and HashiCorp Vault: POST /v1/transit/encrypt/:key,
 * /decrypt/:key and /keys/:key/rotate, X-Vault-Token, base64 in and out, ciphertexts `vault:v<n>:…`, errors as { errors: [...] }.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type TransitServer = {
  readonly keyUrl: string;
  readonly token: string;
  /** Requests by verb, with the token that came along. */
  readonly seen: { verb: string; token: string }[];
  rotate(): void;
  /** Every further request gets this status; undefined is back to normal. */
  fail(status: number | undefined): void;
  setToken(token: string): void;
  close(): Promise<void>;
};

class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function startTransit(): Promise<TransitServer> {
  const keys = [randomBytes(32)];
  const seen: TransitServer['seen'] = [];
  const state = { failing: undefined as number | undefined, token: 'hvs.test-token' };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    try {
      const data = answer(request.method ?? '', request.url ?? '', { token: String(request.headers['x-vault-token'] ?? ''), body });
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ request_id: 'r', lease_id: '', data, auth: null }));
    } catch (error) {
      const status = error instanceof Refused ? error.status : 500;
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ errors: [String((error as Error).message)] }));
    }
  });
  const answer = (method: string, url: string, { token, body }: { token: string; body: string }) => {
    const [, verb = '', name = ''] = /^\/v1\/transit\/(encrypt|decrypt)\/([\w-]+)$/.exec(url) ?? [];
    seen.push({ verb, token });
    if (state.failing) throw new Refused(state.failing, 'Vault is sealed');
    if (token !== state.token) throw new Refused(403, 'permission denied');
    if (method !== 'POST' || name !== 'bowline') throw new Refused(404, 'no handler for route');
    const { plaintext, ciphertext, associated_data = '' } = JSON.parse(body);
    const aad = Buffer.from(associated_data, 'base64');
    if (verb === 'encrypt') {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keys.at(-1) ?? '', nonce).setAAD(aad);
      const sealed = Buffer.concat([cipher.update(Buffer.from(plaintext, 'base64')), cipher.final()]);
      const all = Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
      return { ciphertext: `vault:v${keys.length}:${all}`, key_version: keys.length };
    }
    const [, version = '0', all = ''] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
    const key = keys[Number(version) - 1];
    if (!key) throw new Refused(400, 'invalid ciphertext: no prefix');
    const bytes = Buffer.from(all, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(aad).setAuthTag(bytes.subarray(12, 28));
      return { plaintext: Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('base64') };
    } catch {
      throw new Refused(400, 'cipher: message authentication failed');
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // listening on TCP, so it has an address of that kind
    keyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/transit/keys/bowline`,
    token: state.token,
    seen,
    rotate: () => void keys.push(randomBytes(32)),
    fail: (status) => {
      state.failing = status;
    },
    setToken: (token) => {
      state.token = token;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
