/** What is done to a body before it goes out; nearly always nothing: it passes as it came, and a long one streams by. */
import type { Readable } from 'node:stream';
import { problem } from '@bowline/api/problem';
import type { OutboundHeaders } from '../base/outbound.ts';
import type { ProxyRequest } from './request.ts';

type Body = Buffer | Readable | undefined;

/** Sets what a provider wants in every body on top of the caller's; not in a stream. */
export function withAdditions(body: Body, { bodyAdditions, headers, method }: ProxyRequest): { body: Body; headers: OutboundHeaders } {
  if (Object.keys(bodyAdditions).length === 0 || method === 'GET' || method === 'HEAD') return { body, headers };
  const type = String(headers['content-type'] ?? 'application/json');
  if (body !== undefined && !Buffer.isBuffer(body)) return { body, headers };
  if (type.startsWith('application/json')) {
    const given: unknown = body && body.length > 0 ? JSON.parse(body.toString('utf8')) : {};
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return { body, headers };
    return { body: Buffer.from(JSON.stringify({ ...given, ...bodyAdditions })), headers: { ...headers, 'content-type': type } };
  }
  if (!type.startsWith('application/x-www-form-urlencoded')) return { body, headers };
  const form = new URLSearchParams(body?.toString('utf8'));
  for (const [name, value] of Object.entries(bodyAdditions)) form.set(name, String(value));
  return { body: Buffer.from(form.toString()), headers };
}

/** The whole body of a stream that must be signed. @throws request_too_large */
export async function held(body: Body, bytesMax: number): Promise<Buffer | undefined> {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when we stop reading: the caller could not hear why.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > bytesMax) {
      const allowed = Math.floor((bytesMax / 1024 ** 2) * 10) / 10;
      throw problem('request_too_large', { message: `This provider signs the body of each request; one may have ${allowed} MB` });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
