/** Sets what a provider wants in every body on top of the caller's. Nearly no provider does: other bodies pass untouched, streams always. */
import type { Readable } from 'node:stream';
import type { OutboundHeaders } from '../base/outbound.ts';
import type { ProxyRequest } from './request.ts';

type Body = Buffer | Readable | undefined;

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
