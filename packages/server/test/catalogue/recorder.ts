/** An outside world that notes what it is asked and answers what a test says, in memory: 600 providers need no port each. */
import { Readable } from 'node:stream';
import type { Outbound } from '../../src/base/outbound.ts';

export type Asked = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Recorder = { readonly outbound: Outbound; readonly asked: Asked[] };

/** A session of some is a cookie. */
const answerHeaders = { 'content-type': 'application/json', 'set-cookie': ['session=cookie-value-4f1b; Path=/'] };

/** Signs as the real one does, so that what is noted is what would go out. */
export function startRecorder(answer: (asked: Asked) => string): Recorder {
  const asked: Asked[] = [];
  const outbound: Outbound = {
    close: async () => undefined,
    refusal: async () => undefined,
    request: async (url, { method = 'GET', headers = {}, body = null, sign } = {}) => {
      const text = body === null ? '' : body instanceof Readable ? '' : Buffer.from(body).toString('utf8');
      const all = { ...headers, ...sign?.({ method, url: String(url), headers, body: text === '' ? null : text }) };
      const flat = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]));
      const one: Asked = { method, url: new URL(url), headers: flat, body: text };
      asked.push(one);
      return { status: 200, headers: answerHeaders, body: Readable.from([answer(one)]), url: String(url) };
    },
  };
  return { outbound, asked };
}
