/**
 * The emulator's public door: hands requests on to it, and notes every write that succeeded in the journal.
 * Writes go one after the other, so that the journal has the order in which they happened.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { holdClock } from './clock.ts';
import type { Journal } from './journal.ts';

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** @param innerPort where the emulator itself listens on 127.0.0.1 */
export function createGate(innerPort: number, journal: Journal): Server {
  let writes: Promise<unknown> = Promise.resolve();
  return createServer((incoming, outgoing) => {
    const isWrite = incoming.method !== 'GET' && incoming.method !== 'HEAD';
    const handled = (isWrite ? writes : Promise.resolve()).then(() => pass(innerPort, journal, incoming, outgoing));
    if (isWrite) writes = handled.catch(() => undefined);
    handled.catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(502, { 'content-type': 'text/plain' });
      outgoing.end(`The emulator did not answer: ${String(error)}`);
    });
  });
}

async function pass(port: number, journal: Journal, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const at = Date.now();
  const { method = 'GET', url = '/', headers } = incoming;
  const body = Buffer.concat(await incoming.toArray());
  const isWrite = method !== 'GET' && method !== 'HEAD';
  if (isWrite) holdClock(at); // or the journal's time would be a millisecond or two off
  const answer = await send(port, method, url, headers, body).finally(() => isWrite && holdClock(undefined));
  if (answer.status < 300 && url === '/login/oauth/access_token') await noteGrant(port, journal, answer);
  else if (answer.status < 300 && isWrite && !url.startsWith('/login/')) {
    const authorization = headers.authorization ?? '';
    journal.append({ kind: 'write', at, method, path: url, authorization, body: body.toString() });
  }
  outgoing.writeHead(answer.status, answer.headers).end(answer.body);
}

async function noteGrant(port: number, journal: Journal, { body }: Answer): Promise<void> {
  const { access_token: token }: { access_token?: string } = JSON.parse(body.toString());
  if (!token) return; // GitHub answers 200 to a refusal, too
  const user = await send(port, 'GET', '/user', { authorization: `Bearer ${token}` }, Buffer.alloc(0));
  const { login }: { login?: string } = JSON.parse(user.body.toString());
  if (login) journal.append({ kind: 'grant', token, login });
}

function send(port: number, method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
  const { connection, 'transfer-encoding': encoding, ...kept } = headers; // of the hop, not of the message
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', method, path, headers: { ...kept, 'content-length': body.length } }, (response) => {
      const { connection: hop, 'transfer-encoding': chunked, ...passed } = response.headers;
      response
        .toArray()
        .then((chunks) => resolve({ status: response.statusCode ?? 502, headers: passed, body: Buffer.concat(chunks) }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
