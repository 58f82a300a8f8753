/**
 * Every vendor at once: a real server that keeps what it was asked and answers as a test says, and the platform's real HTTP client, told
 * to find all of the internet there. Requests are known by the address they were meant for.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { createOutbound, type Outbound } from '../src/base/outbound.ts';

export type Asked = {
  method: string;
  /** Without its query. */
  url: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  /** Parsed by its content type; a text of another. */
  body: unknown;
  text: string;
};
/** An object is answered with 200 as JSON; a text as it is. */
export type VendorAnswer = object | string | { status: number; body: object | string };
export type Vendor = {
  outbound: Outbound;
  asked: Asked[];
  /** By method and address: `POST https://vendor.test/token`. What nobody answers is 404. */
  answers: Map<string, (asked: Asked) => VendorAnswer>;
};

export async function startVendor(): Promise<Vendor> {
  const asked: Asked[] = [];
  const answers: Vendor['answers'] = new Map();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'x-meant-for': meantFor, host, connection, ...headers } = request.headers;
      const url = new URL(request.url ?? '/', String(meantFor));
      const text = Buffer.concat(chunks).toString();
      const one: Asked = {
        method: request.method ?? '',
        url: url.origin + url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers,
        body: parsed(text, headers['content-type']),
        text,
      };
      asked.push(one);
      const answer = answers.get(`${one.method} ${one.url}`)?.(one) ?? { status: 404, body: { error: 'nobody answers this' } };
      const { status, body } =
        'status' in Object(answer) ? (answer as { status: number; body: object | string }) : { status: 200, body: answer };
      response.statusCode = status;
      response.setHeader('content-type', typeof body === 'string' ? 'text/plain' : 'application/json');
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  const real = createOutbound({ allow: [`127.0.0.1:${port}`] });
  afterAll(async () => {
    await real.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const outbound: Outbound = {
    close: real.close,
    refusal: real.refusal,
    request: (url, options = {}) => {
      const meant = new URL(url);
      const headers = { ...options.headers, 'x-meant-for': meant.origin };
      return real.request(`http://127.0.0.1:${port}${meant.pathname}${meant.search}`, { ...options, headers });
    },
  };
  return { outbound, asked, answers };
}

function parsed(text: string, type = ''): unknown {
  if (type.startsWith('application/json')) return text === '' ? undefined : JSON.parse(text);
  return type.startsWith('application/x-www-form-urlencoded') ? Object.fromEntries(new URLSearchParams(text)) : text;
}
