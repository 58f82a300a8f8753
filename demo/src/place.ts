/** Where the demo lives in the data folder, and what must be the same at every start: ports, and the OAuth app registered at the emulator. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';

const Saved = z.object({
  emulatorPort: z.number(),
  receiverPort: z.number(),
  clientId: z.string(),
  clientSecret: z.string(),
  /** The connection the demo made; absent when it did not come that far. */
  connectionId: z.string().optional(),
});
type Saved = z.infer<typeof Saved>;
/** `isNew`: nothing was saved yet. */
export type Place = Saved & { readonly folder: string; readonly isNew: boolean };

/**
 * The demo of this data folder, or undefined when there is none to play or to go on with: an existing folder without one gets none.
 * Nothing is written before `savePlace`.
 */
export async function findPlace(home: string): Promise<Place | undefined> {
  const folder = join(home, 'demo');
  if (existsSync(fileIn(folder))) return { ...Saved.parse(JSON.parse(readFileSync(fileIn(folder), 'utf8'))), folder, isNew: false };
  if (existsSync(join(home, 'postgres')) || existsSync(join(home, 'encryption.key'))) return undefined;
  const [emulatorPort = 0, receiverPort = 0] = await freePorts(2);
  return { emulatorPort, receiverPort, clientId: `Iv1.${hex(8)}`, clientSecret: hex(20), folder, isNew: true };
}

export function savePlace({ folder, isNew: _, ...place }: Place): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileIn(folder), JSON.stringify(place, null, 2), { mode: 0o600 });
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

const fileIn = (folder: string) => join(folder, 'demo.json');
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
