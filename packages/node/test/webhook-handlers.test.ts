/** The routes that receive webhooks, mounted in the frameworks they are for and called over HTTP. The signatures are made by the server's own code. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bowline, fastifyWebhooks, nodeWebhookHandler, type WebhookEvent, type WebhookOptions, webhookHandler } from '@bowline/node';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { signatureHeaders } from '../../server/src/webhooks-out/sign.ts';

const key = '99999999-2222-4333-8444-555555555555';
const client = new Bowline({ apiKey: '11111111-2222-4333-8444-555555555555', webhookSigningKey: key });
/** Not as JSON.stringify would write it: whoever parses it and writes it again gets other bytes. */
const text = '{ "type": "sync",  "model": "Kontakt", "from": "nango", "note": "gr\\u00fcn 🌱" }';
const signed = (body: string, at = new Date()): Record<string, string> => ({
  'content-type': 'application/json',
  ...signatureHeaders({ keys: [key], body, id: 'msg_1', at }),
});

const closers: (() => unknown)[] = [];
afterEach(() => Promise.all(closers.splice(0).map((close) => close())));

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => new Promise((done) => server.close(done).closeAllConnections()));
  const { port }: Partial<AddressInfo> = Object(server.address());
  return `http://127.0.0.1:${port}/hooks`;
}

const mounts: Record<string, (options: WebhookOptions) => Promise<string>> = {
  'node:http': (options) => serve(nodeWebhookHandler(options)),
  Express: (options) => serve(express().post('/hooks', nodeWebhookHandler(options)).use(express.json())),
  'Express with its path kept raw': (options) =>
    serve(
      express()
        .use('/hooks', express.raw({ type: '*/*', limit: '1mb' }))
        .use(express.json())
        .post('/hooks', nodeWebhookHandler(options)),
    ),
  'Express that keeps the raw body beside the parsed one': (options) =>
    serve(
      express()
        .use(express.json({ verify: (request, _response, bytes) => void Object.assign(request, { rawBody: bytes }) }))
        .post('/hooks', nodeWebhookHandler(options)),
    ),
  Fastify: async (options) => {
    const app = fastify();
    app.register(fastifyWebhooks(options), { prefix: '/hooks' });
    closers.push(() => app.close());
    return `${await app.listen({ port: 0, host: '127.0.0.1' })}/hooks`;
  },
  Hono: (options) => {
    const handle = webhookHandler(options);
    return serve(getRequestListener(new Hono().post('/hooks', (c) => handle(c.req.raw)).fetch));
  },
  'a web handler, as of Next.js': (options) => serve(getRequestListener(webhookHandler(options))),
};

type Heard = { events: { event: WebhookEvent; id: string }[]; errors: unknown[] };

async function mount(name: string, changed: Partial<WebhookOptions> = {}): Promise<Heard & { url: string }> {
  const heard: Heard = { events: [], errors: [] };
  const url = await mounts[name]?.({
    client,
    onEvent: (event, { id }) => void heard.events.push({ event, id }),
    onError: (error) => heard.errors.push(error),
    ...changed,
  });
  return { ...heard, url: url ?? '' };
}

const post = async (url: string, headers: Record<string, string>, body = text) =>
  (await fetch(url, { method: 'POST', headers, body })).status;

describe.each(Object.keys(mounts))('%s', (name) => {
  test('hands on the event of a genuine webhook, with the id of its delivery', async () => {
    const { url, events, errors } = await mount(name);
    expect(await post(url, signed(text))).toBe(200);
    expect(events).toEqual([{ id: 'msg_1', event: { type: 'sync', model: 'Kontakt', from: 'nango', note: 'grün 🌱' } }]);
    expect(errors).toEqual([]);
  });

  test('refuses what is not genuine, without a word in the log', async () => {
    const { url, events, errors } = await mount(name);
    const good = signed(text);
    const long = new Date(Date.now() - 301_000);
    expect(await post(url, good, text.replace('Kontakt', 'Kontrakt'))).toBe(401);
    expect(await post(url, { ...good, 'webhook-id': 'msg_2' })).toBe(401);
    expect(await post(url, signed(text, long))).toBe(401);
    // Without a time it could be sent again for ever.
    expect(await post(url, { 'content-type': 'application/json', 'x-nango-hmac-sha256': good['x-nango-hmac-sha256'] ?? '' })).toBe(401);
    expect(await post(url, { 'content-type': 'application/json' })).toBe(401);
    expect([events, errors]).toEqual([[], []]);
  });

  test('answers 500 when the event could not be handled, so that it comes again', async () => {
    const { url, errors } = await mount(name, { onEvent: () => Promise.reject(new Error('database away')) });
    expect(await post(url, signed(text))).toBe(500);
    expect(errors).toEqual([new Error('database away')]);
  });

  test('reads no more than its limit', async () => {
    const { url, events, errors } = await mount(name, { bodyLimit: 1000 });
    const large = JSON.stringify({ type: 'sync', text: 'x'.repeat(1000) });
    // Some close the connection while the rest is still being sent.
    expect(await post(url, signed(large), large).catch(() => 413)).toBe(413);
    expect([events, errors]).toEqual([[], []]);
  });
});

test.each(['node:http', 'a web handler, as of Next.js'])('%s answers only POST', async (name) => {
  const { url } = await mount(name);
  const { status, headers } = await fetch(url);
  expect([status, headers.get('allow')]).toEqual([405, 'POST']);
});

describe('a body that was parsed before it could be verified', () => {
  const trap = (advice: string) =>
    expect.objectContaining({ code: 'invalid_argument', message: expect.stringMatching(`read before it could be verified.*${advice}`) });

  test('is told to who mounted it behind express.json(), not refused as forged', async () => {
    const errors: unknown[] = [];
    const handle = nodeWebhookHandler({ client, onEvent: () => {}, onError: (error) => errors.push(error) });
    const url = await serve(express().use(express.json()).post('/hooks', handle));
    expect(await post(url, signed(text))).toBe(500);
    expect(errors).toEqual([trap('before express.json')]);
  });

  test('is told to who read a web request', async () => {
    const errors: unknown[] = [];
    const handle = webhookHandler({ client, onEvent: () => {}, onError: (error) => errors.push(error) });
    const request = new Request('http://localhost/hooks', { method: 'POST', headers: signed(text), body: text });
    await request.json();
    expect((await handle(request)).status).toBe(500);
    expect(errors).toEqual([trap('clone')]);
  });
});

test('the plugin of Fastify leaves the parsing of other routes alone', async () => {
  const app = fastify();
  app.register(fastifyWebhooks({ client, onEvent: () => {} }), { prefix: '/hooks' });
  app.post('/other', (request) => ({ got: request.body }));
  const answer = await app.inject({ method: 'POST', url: '/other', payload: { a: 1 } });
  expect(answer.json()).toEqual({ got: { a: 1 } });
  await app.close();
});

test('a handler of errors that fails itself does not break the answer', async () => {
  const { url } = await mount('node:http', {
    onEvent: () => {
      throw new Error('first');
    },
    onError: () => {
      throw new Error('second');
    },
  });
  expect(await post(url, signed(text))).toBe(500);
});
