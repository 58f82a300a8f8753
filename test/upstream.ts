/** An API on this machine that tests script, and a place that webhooks are sent to. Real HTTP, answers as the test says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export type Seen = { at: number; method: string; path: string; query: URLSearchParams; headers: IncomingHttpHeaders; body: string };
type Handler = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void;
export type Upstream = Awaited<ReturnType<typeof startUpstream>>;

/** @param handle answers every request; what came is kept in `seen` */
export async function startUpstream(handle: Handler) {
  const seen: Seen[] = [];
  const script = { handle };
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray().catch(() => []);
    const url = new URL(request.url ?? '/', 'http://upstream');
    const { method = 'GET', headers } = request;
    const one = { at: Date.now(), method, path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(chunks).toString() };
    seen.push(one);
    script.handle(one, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    host,
    url: `http://${host}`,
    seen,
    /** Replace `handle` to change the answers. */
    script,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A provider with an API key, in a file for the platform’s start. */
export function writeProvider(folder: string, url: string, name = 'upstream'): string {
  const file = join(folder, `${name}.yaml`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    [
      'display_name: Upstream',
      'categories: [other]',
      'auth_mode: API_KEY',
      'credentials:',
      '  apiKey:',
      '    type: string',
      '    title: API key',
      '    description: Any.',
      '    secret: true',
      'proxy:',
      `  base_url: ${url}`,
      '  headers:',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the catalogue's own placeholder
      '    authorization: Bearer ${apiKey}',
      '  retry:',
      '    after: [retry-after]',
      'docs: https://example.com',
      '',
    ].join('\n'),
  );
  return file;
}

/** A provider `oidc` of the authorization code grant, in a file for the platform's start. */
export function writeOauthProvider(folder: string, issuer: string): string {
  const file = join(folder, 'oidc.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    [
      'display_name: OpenID',
      'categories: [other]',
      'auth_mode: OAUTH2',
      `authorization_url: ${issuer}/auth`,
      `token_url: ${issuer}/token`,
      'proxy:',
      `  base_url: ${issuer}`,
      'docs: https://example.com',
      '',
    ].join('\n'),
  );
  return file;
}

/** Stops a server of the test, whatever becomes of the test. */
export function closeAfterwards<T extends { stop(): Promise<void> }>(server: T): T {
  onTestFinished(() => server.stop());
  return server;
}
