/** One request of the proxy byte for byte: `fetch` would tidy up the URL, the headers and the body. */
import { type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import type { Platform } from '../platform.ts';

export type Exchanged = { status: number; headers: IncomingMessage['headers']; rawHeaders: string[]; body: Buffer };
export type Exchange = {
  method?: string;
  /** After `/proxy`. */
  path?: string;
  connection?: string;
  integration?: string;
  headers?: Record<string, string | string[]>;
  body?: Buffer | string | Readable;
  signal?: AbortSignal;
};

export async function exchange(platform: Pick<Platform, 'url' | 'apiKey'>, wanted: Exchange = {}): Promise<Exchanged> {
  const response = await open(platform, wanted);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { statusCode = 0, headers, rawHeaders } = response;
  return { status: statusCode, headers, rawHeaders, body: Buffer.concat(chunks) };
}

/** Resolves with the answer's headers; its body is still to be read. */
export function open(platform: Pick<Platform, 'url' | 'apiKey'>, wanted: Exchange): Promise<IncomingMessage> {
  const { hostname, port } = new URL(platform.url);
  const { method = 'GET', path = '/', connection = 'c-1', integration = 'key', headers = {}, body, signal } = wanted;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        hostname,
        port,
        method,
        path: `/proxy${path}`,
        headers: {
          authorization: `Bearer ${platform.apiKey}`,
          'connection-id': connection,
          'provider-config-key': integration,
          // Node's client frames the body of a DELETE only when told how long it is.
          ...(typeof body === 'string' || Buffer.isBuffer(body) ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
          ...headers,
        },
        ...(signal ? { signal } : {}),
      },
      resolve,
    );
    outgoing.on('error', reject);
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) outgoing.end(body);
    else body.pipe(outgoing);
  });
}
