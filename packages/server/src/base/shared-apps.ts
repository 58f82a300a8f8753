/** The OAuth clients that all environments of an installation may use, from a file. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const sharedApp = z.strictObject({ client_id: z.string().min(1), client_secret: z.string().min(1), scopes: z.string().optional() });

/** By their providers' names. Scopes are separated by commas. @throws when the file cannot be read or is something else */
export function readSharedApps(path: string | undefined): ReadonlyMap<string, z.infer<typeof sharedApp>> {
  if (path === undefined) return new Map();
  return new Map(Object.entries(z.record(z.string(), sharedApp).parse(JSON.parse(readFileSync(path, 'utf8')))));
}
