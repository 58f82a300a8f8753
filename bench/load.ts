/**
 * A load of one GET or POST over keep-alive connections, over bare sockets: a client library would take more of the shared cores than what is measured.
 * It understands answers with a length and chunked ones, and counts every status but 2xx as an error.
 */
import { connect } from 'node:net';
import { quantile } from './report.ts';

export type LoadOptions = {
  readonly port: number;
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  /** Of every request, or of those on the n-th connection. */
  readonly headers?: Readonly<Record<string, string>> | ((connection: number) => Readonly<Record<string, string>>);
  readonly body?: string;
  readonly connections: number;
  readonly seconds: number;
};
export type Load = {
  readonly count: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
};

export async function load({ seconds, connections, ...options }: LoadOptions): Promise<Load> {
  const times: number[] = [];
  const count = { errors: 0 };
  const started = performance.now();
  const until = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, (_, n) => keepAsking(options.port, { request: textOf(options, n), until, times, count })),
  );
  const elapsed = (performance.now() - started) / 1000;
  return {
    count: times.length,
    perSecond: times.length / elapsed,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    errors: count.errors,
  };
}

function textOf(
  { port, path, method = 'GET', headers = {}, body }: Omit<LoadOptions, 'connections' | 'seconds'>,
  connection: number,
): string {
  const own = typeof headers === 'function' ? headers(connection) : headers;
  const all = { host: `127.0.0.1:${port}`, ...own, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

type Asking = { request: string; until: number; times: number[]; count: { errors: number } };

function keepAsking(port: number, { request, until, times, count }: Asking): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    let sent = 0;
    let text = '';
    const ask = () => {
      text = '';
      sent = performance.now();
      socket.write(request);
    };
    socket.on('connect', ask);
    socket.on('data', (piece: string) => {
      text += piece;
      if (!isWhole(text)) return;
      const now = performance.now();
      times.push(now - sent);
      if (!text.startsWith('HTTP/1.1 2')) count.errors++;
      if (now < until) ask();
      else socket.end();
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head + 2))?.[1];
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= head + 4 + Number(length);
}
