/** AWS Signature Version 4 of a request as it goes out, made by the library aws4 (decisions/020). Pure. */
import { createHash } from 'node:crypto';
import aws4 from 'aws4';

export type AwsKeys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
};
export type AwsScope = { readonly service: string; readonly region: string };
/** Undefined: a body that streams by and cannot be hashed. Names of headers are in lower case. */
export type AwsRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array | null | undefined;
};

/** The headers to set over those of the request, all of which are signed but for what hops may change (`user-agent`, `range`, …). */
export function awsHeaders(request: AwsRequest, keys: AwsKeys, scope: AwsScope, now: Date): Record<string, string> {
  const { 'x-amz-content-sha256': given } = request.headers;
  const added: Record<string, string> = {
    'x-amz-date': amzDate(now),
    'x-amz-content-sha256': typeof given === 'string' ? given : payloadHash(request.body),
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  };
  return { ...added, authorization: authorization(request, { ...request.headers, ...added }, keys, scope) };
}

/** The `Authorization` header alone, for templates that set `x-amz-date` themselves. It covers that, the host, the type and the body. */
export function awsAuthorization(request: AwsRequest, keys: AwsKeys, scope: AwsScope, host: string): string {
  const type = request.headers['content-type'];
  const date = request.headers['x-amz-date'];
  const headers = { ...(type === undefined ? {} : { 'content-type': type }), ...(date === undefined ? {} : { 'x-amz-date': date }), host };
  return authorization(request, headers, keys, { ...scope, bodyHash: payloadHash(request.body) });
}

/** `20260801T100000Z`. */
export const amzDate = (now: Date) => now.toISOString().replace(/[:-]|\.\d{3}/g, '');

function payloadHash(body: AwsRequest['body']): string {
  return body === undefined
    ? 'UNSIGNED-PAYLOAD'
    : createHash('sha256')
        .update(body ?? '')
        .digest('hex');
}

function authorization(
  { method, url }: AwsRequest,
  headers: AwsRequest['headers'],
  { accessKeyId, secretAccessKey }: AwsKeys,
  { service, region, bodyHash }: AwsScope & { readonly bodyHash?: string },
): string {
  const { host } = new URL(url);
  // No body and no session token: with them the library adds headers of its own, which we would have to send.
  const signed = aws4.sign(
    {
      method: method.toUpperCase(),
      path: url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/'),
      service,
      region,
      headers: {
        host,
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        ...(bodyHash === undefined ? {} : { 'x-amz-content-sha256': bodyHash }),
      },
      ...(bodyHash === undefined ? {} : { extraHeadersToIgnore: { 'x-amz-content-sha256': true } }),
    },
    { accessKeyId, secretAccessKey },
  );
  return String(signed.headers?.Authorization);
}
