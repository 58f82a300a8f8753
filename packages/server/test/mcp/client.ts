/** The published MCP client, pointed at a connection. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll } from 'vitest';
import type { Platform } from '../platform.ts';

export type Generation = 'with a handshake' | 'without one';
export type Pointed = {
  connection?: string;
  integration?: string;
  /** Default: the key of `dev` with every right. */
  key?: string;
  generation?: Generation;
  /** Further headers. */
  headers?: Record<string, string>;
};

const connected: Client[] = [];

/** Closed when the test file is done. */
export async function connect(
  platform: Platform,
  { connection = 'c-1', integration = 'key', key = platform.apiKey, generation = 'with a handshake', headers }: Pointed = {},
): Promise<Client> {
  const mode = generation === 'with a handshake' ? 'legacy' : { pin: '2026-07-28' };
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  if (connected.length === 0) afterAll(() => Promise.all(connected.map((one) => one.close())));
  connected.push(client);
  const named = { authorization: `Bearer ${key}`, 'connection-id': connection, 'provider-config-key': integration };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${platform.url}/mcp`), { requestInit: { headers: { ...named, ...headers } } }),
  );
  return client;
}
