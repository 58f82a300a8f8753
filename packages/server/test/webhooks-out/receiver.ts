import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Received = { readonly body: string; readonly headers: IncomingHttpHeaders };

/** An app's endpoint, answering 200 unless told otherwise. */
export async function startReceiver(answer: (response: ServerResponse, nth: number) => void = (response) => response.end(), port = 0) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ body, headers: request.headers });
    answer(response, received.length);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  const bound = (server.address() as AddressInfo).port; // it listens on a port
  return { received, url: `http://127.0.0.1:${bound}/hook`, port: bound, close };
}
