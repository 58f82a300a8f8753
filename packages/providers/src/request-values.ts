/** What templates of headers may read of the request they are for, as it goes out. For providers whose headers sign it. Pure. */
import type { AwsRequest } from './aws-signature.ts';

/** By the name of the placeholder. Parameters are written canonically: decoded, encoded by RFC 3986, sorted by name and value. */
export const requestValues: Readonly<Record<string, (request: AwsRequest) => string>> = {
  method: ({ method }) => method.toUpperCase(),
  host: ({ url }) => new URL(url).host,
  path: ({ url }) => new URL(url).pathname,
  contentType: ({ headers }) => String(headers['content-type'] ?? ''),
  urlCanonicalParams: ({ url }) => canonical(query(url)),
  bodyCanonicalParams: ({ body }) => text(body),
  /** Of the query and of a form. */
  params: ({ url, headers, body }) =>
    canonical([
      ...query(url),
      ...(String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(text(body)) : []),
    ]),
};

const reader = new RegExp(`\\$\\{(?:${Object.keys(requestValues).join('|')})\\}|\\$\\{awsSigV4\\(`);
const bodyReader = /\$\{(?:bodyCanonicalParams|params)\}|\$\{awsSigV4\(/;

/** Whether a template can be filled only once the request is known. */
export const readsRequest = (template: string) => reader.test(template);
/** Whether it reads the body too. */
export const readsBody = (template: string) => bodyReader.test(template);

const query = (url: string) => [...new URL(url).searchParams];
const text = (body: AwsRequest['body']) => (body ? Buffer.from(body).toString('utf8') : '');
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function canonical(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
