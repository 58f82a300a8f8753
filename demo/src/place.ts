/** Where the demo lives in the data folder, and what must be the same at every start: ports, and the OAuth app registered at the emulator. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';

const Place = z.object({
  emulatorPort: z.number(),
  receiverPort: z.number(),
  clientId: z.string(),
  clientSecret: z.string(),
});
export type Place = z.infer<typeof Place> & { readonly folder: string };

/** True when this data folder has played the demo, or began to. */
export function hasDemo(home: string): boolean {
  return existsSync(fileIn(home));
}

/** Reads the place, or makes it with free ports. */
export async function openPlace(home: string): Promise<Place> {
  const folder = join(home, 'demo');
  if (hasDemo(home)) return { ...Place.parse(JSON.parse(readFileSync(fileIn(home), 'utf8'))), folder };
  const [emulatorPort = 0, receiverPort = 0] = await freePorts(2);
  const place = { emulatorPort, receiverPort, clientId: `Iv1.${hex(8)}`, clientSecret: hex(20) };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileIn(home), JSON.stringify(place, null, 2), { mode: 0o600 });
  return { ...place, folder };
}

/** Ports nobody listens on now; held together, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const fileIn = (home: string) => join(home, 'demo', 'demo.json');
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
