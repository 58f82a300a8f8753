/**
 * A small AWS: STS (AssumeRole with an external id, GetCallerIdentity), an S3 bucket and another service. Every signature is checked
 * with AWS's own signer, over the request as it arrived.
 */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Received, Upstream } from '../upstream.ts';

export const account = { accessKeyId: 'AKIAOFTHEDEVELOPER', secretAccessKey: 'secret/of+the developer' };
export const role = { arn: 'arn:aws:iam::123456789012:role/path/connected-app', region: 'eu-central-1' };
type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type AwsServer = {
  /** The external id that the role's trust demands; undefined trusts any. */
  trusts: string | undefined;
  /** How STS answers. */
  answers: 'json' | 'xml';
  readonly refusals: string[];
  readonly assumed: { externalId: string | null; session: string | null; seconds: string | null }[];
  /** Temporary keys that were handed out. */
  readonly handedOut: Required<Keys>[];
  /** For a service of the developer's that hands out keys itself. */
  handOut(): Required<Keys>;
  readonly objects: Map<string, Buffer>;
};

class Sha256 {
  readonly #chunks: Buffer[] = [];
  readonly #key: Buffer | undefined;
  constructor(key?: unknown) {
    this.#key = typeof key === 'string' || key instanceof Uint8Array ? Buffer.from(key) : undefined;
  }
  update(data: unknown) {
    this.#chunks.push(typeof data === 'string' || data instanceof Uint8Array ? Buffer.from(data) : Buffer.from(data as ArrayBuffer)); // the three forms of its SourceData
  }
  async digest() {
    const data = Buffer.concat(this.#chunks);
    return new Uint8Array(this.#key ? createHmac('sha256', this.#key).update(data).digest() : createHash('sha256').update(data).digest());
  }
  reset() {
    this.#chunks.length = 0;
  }
}

/** Serves `/sts`, everything named under `/bucket`, and `/api`. */
export function serveAws(upstream: Upstream): AwsServer {
  const server: AwsServer = {
    trusts: undefined,
    answers: 'json',
    refusals: [],
    assumed: [],
    handedOut: [],
    objects: new Map(),
    handOut: () => {
      const number = server.handedOut.length + 1;
      const keys = {
        accessKeyId: `ASIATEMPORARY${number}`,
        secretAccessKey: `temporary/secret+${number}`,
        sessionToken: `session//token+${number}==`,
      };
      server.handedOut.push(keys);
      return keys;
    },
  };
  const known = (id: string): Keys | undefined =>
    id === account.accessKeyId ? account : server.handedOut.find((one) => one.accessKeyId === id);

  const serve = (path: string, service: string, answer: (request: Received) => { status?: number; text: string | Buffer }) =>
    upstream.on(path, async (request, response) => {
      const wrong = await check(request, service, known);
      if (wrong !== undefined) server.refusals.push(wrong);
      const { status = 200, text } =
        wrong === undefined
          ? answer(request)
          : {
              status: 403,
              text: `<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>${wrong}</Message></Error></ErrorResponse>`,
            };
      response.writeHead(status).end(text);
    });

  serve('/sts', 'sts', (request) => {
    const asked = request.method === 'GET' ? new URL(request.url, upstream.url).searchParams : new URLSearchParams(request.body.toString());
    if (asked.get('Action') === 'GetCallerIdentity') {
      return {
        text: `<GetCallerIdentityResult>\n<Arn>arn:aws:sts::123456789012:assumed-role/connected-app/session</Arn></GetCallerIdentityResult>`,
      };
    }
    if (asked.get('RoleArn') !== role.arn || (server.trusts !== undefined && asked.get('ExternalId') !== server.trusts)) {
      return {
        status: 403,
        text: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>',
      };
    }
    server.assumed.push({
      externalId: asked.get('ExternalId'),
      session: asked.get('RoleSessionName'),
      seconds: asked.get('DurationSeconds'),
    });
    const { accessKeyId, secretAccessKey, sessionToken } = server.handOut();
    const expires = new Date(Date.now() + 3_600_000);
    const Credentials = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken };
    if (server.answers === 'json') {
      return {
        text: JSON.stringify({
          AssumeRoleResponse: { AssumeRoleResult: { Credentials: { ...Credentials, Expiration: expires.getTime() / 1000 } } },
        }),
      };
    }
    const xml = Object.entries({ ...Credentials, Expiration: expires.toISOString() }).map(([name, value]) => `<${name}>${value}</${name}>`);
    return {
      text: `<AssumeRoleResponse><AssumeRoleResult><Credentials>${xml.join('')}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    };
  });
  for (const path of ['/bucket/a%20b/c+d.txt', "/bucket/it's%20(1)~.txt", '/bucket/large.bin', '/bucket']) {
    serve(path, 's3', (request) => {
      if (request.method === 'PUT') server.objects.set(path, request.body);
      return { text: request.method === 'PUT' ? '' : (server.objects.get(path) ?? '') };
    });
  }
  for (const path of ['/api', '/api/it%20em/x:y'])
    serve(path, 'execute-api', ({ body, url }) => ({ text: JSON.stringify({ url, bytes: body.length }) }));
  return server;
}

/** Undefined when the signature is right. */
async function check(request: Received, service: string, known: (id: string) => Keys | undefined): Promise<string | undefined> {
  const header = request.headers.authorization ?? '';
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (!parts) return 'no signature of version 4';
  const [, id = '', , region = '', signedService, names = ''] = parts;
  if (signedService !== service) return `signed for ${signedService}`;
  const credentials = known(id);
  if (!credentials) return `unknown key ${id}`;
  const sent = (name: string) => String(request.headers[name] ?? '');
  if (sent('x-amz-security-token') !== (credentials.sessionToken ?? '')) return 'wrong session token';
  const hash = sent('x-amz-content-sha256');
  const actual = createHash('sha256').update(request.body).digest('hex');
  if (hash !== '' && hash !== actual && !(service === 's3' && hash === 'UNSIGNED-PAYLOAD')) return 'the body is not the signed one';
  for (const must of ['host', 'x-amz-date', ...(hash === '' && service !== 's3' ? [] : ['x-amz-content-sha256'])])
    if (!names.split(';').includes(must)) return `${must} is not signed`;
  const [path = '', search = ''] = request.url.split('?');
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(search)) query[name] = [...(query[name] ?? []), value];
  const signer = new SignatureV4({
    credentials,
    region,
    service,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: hash !== '',
  });
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const stored = (text: string) =>
    text
      .split('/')
      .map((part) => encode(decodeURIComponent(part.replaceAll('+', ' '))))
      .join('/');
  const date = sent('x-amz-date').replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  if (Math.abs(Date.parse(date) - Date.now()) > 900_000) return 'the signature is not of now';
  const again = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: service === 's3' ? stored(path) : path,
      query,
      headers: Object.fromEntries(names.split(';').map((name) => [name, sent(name)])),
      body: request.body,
    },
    { signingDate: new Date(date), signableHeaders: new Set(names.split(';')) },
  );
  return again.headers.authorization === header ? undefined : `expected ${again.headers.authorization}, got ${header}`;
}
