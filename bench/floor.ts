/** What Postgres itself can take: the same rows, sealed as the store does, by binary COPY into a copy of a partition, 1,000 at a time. */
import { Client } from 'pg';
import { clientConfig, type PostgresTarget } from '../packages/server/src/base/postgres.ts';
import { bytesOfHashes, createCipher } from '../packages/server/src/records/cipher.ts';
import { COPY, CopyIn, copyOf, FLOOR, type Stored } from './copy-in.ts';

const CHUNK = 1_000;

export type Rows = { readonly ids: readonly string[]; readonly lines: readonly string[] };

/** @returns rows per second */
export async function measureCopy(target: PostgresTarget, rows: Rows): Promise<number> {
  const client = new Client(clientConfig(target));
  await client.connect();
  const stored = sealed(rows);
  try {
    await client.query('drop table if exists floor');
    await client.query(FLOOR);
    await client.query('checkpoint'); // with the server at rest
    let ms = 0;
    for (let start = 0; start < stored.length; start += CHUNK) {
      const data = copyOf(stored.slice(start, start + CHUNK), start);
      const began = performance.now();
      await new Promise<void>((resolve, reject) => client.query(new CopyIn(COPY, data, (error) => (error ? reject(error) : resolve()))));
      ms += performance.now() - began;
    }
    return stored.length / (ms / 1000);
  } finally {
    await client.query('drop table if exists floor');
    await client.end();
  }
}

/** As the store would keep them. */
export function sealed({ ids, lines }: Rows): Stored[] {
  const cipher = createCipher({ key: Buffer.alloc(32, 1), environmentId: 1, streamId: 1, seals: true });
  return ids.map((id, nr) => {
    const line = Buffer.from(lines[nr] ?? '');
    return { id, content: cipher.contentsOf([{ id, line }]).bytes, size: line.length, hash: bytesOfHashes([cipher.hash(line)]) };
  });
}
