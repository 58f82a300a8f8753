/** One request as it is given: `fetch` would tidy up the path, the headers and the body, and refuse what a server must be able to refuse. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export type Outgoing = {
  method: string;
  /** With its query, encoded. */
  path: string;
  headers: Record<string, string | string[]>;
  body?: string | Buffer;
  /** Says that the body is this long, and sends only its beginning. */
  announcedBytes?: number;
};
export type Incoming = { status: number; headers: IncomingHttpHeaders; text: string };

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

export function send(url: string, { method, path, headers, body = '', announcedBytes }: Outgoing): Promise<Incoming> {
  const { hostname, port } = new URL(url);
  const bytes = announcedBytes ?? Buffer.byteLength(body);
  const framed = bytes === 0 ? headers : { ...headers, 'content-length': String(bytes) };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers: framed, agent, timeout: 60_000 }, async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() });
      } catch (error) {
        reject(error);
      }
      if (announcedBytes !== undefined) outgoing.destroy();
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer to ${method} ${path.slice(0, 200)}`)));
    outgoing.once('error', reject);
    if (announcedBytes === undefined) outgoing.end(body);
    else if (body === '') outgoing.flushHeaders();
    else outgoing.write(body);
  });
}
