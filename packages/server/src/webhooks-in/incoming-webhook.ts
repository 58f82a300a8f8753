/** An incoming webhook: what a provider sent, kept until it is old. What is sealed of it, and where. */
import type { Incoming } from './verify/incoming.ts';

/** `rawHeaders`: names and values in turn, as Node has them. */
export type Arrived = Incoming & { readonly rawHeaders: readonly string[] };

export const incomingPlace = ({ environmentId, id }: { environmentId: number; id: string }) => ({
  environmentId,
  context: `incoming-webhook:${id}`,
});

/** Of the transport, or of whoever stands before this server; and what would let somebody in elsewhere. */
const LEFT_OUT =
  /^(authorization|cookie|host|connection|content-length|keep-alive|te|trailer|transfer-encoding|upgrade|expect|via|forwarded|x-forwarded-.*|x-real-ip|x-request-id|true-client-ip|cf-.*|cdn-loop|proxy-.*)$/i;

/** Those that are kept, in order and as written. */
export const keptHeaders = ({ rawHeaders }: Pick<Arrived, 'rawHeaders'>): [string, string][] =>
  rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 && !LEFT_OUT.test(name) ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );

type Packed = { readonly method: string; readonly url: string; readonly headers: Incoming['headers']; readonly body: string };

/** As the text that is sealed. Bodies are text nearly always, and base64 is a third longer. */
export function pack(arrived: Arrived): string {
  const { method, url, body } = arrived;
  const headers: Record<string, string> = {};
  for (const [name, value] of keptHeaders(arrived)) {
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  const text = body.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(body);
  return JSON.stringify({ method, url, headers, body: isText ? `t${text}` : `b${body.toString('base64')}` } satisfies Packed);
}

export function unpack(text: string): Incoming {
  const { body, ...request } = JSON.parse(text) as Packed; // sealed by `pack`
  return { ...request, body: Buffer.from(body.slice(1), body.startsWith('t') ? 'utf8' : 'base64') };
}
