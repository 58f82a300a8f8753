/** What Postgres itself can take: the same rows into a copy of the records table, by COPY and by a multi-VALUES upsert, 1,000 at a time. */
import { Client } from 'pg';
import { clientConfig, type PostgresTarget } from '../packages/server/src/base/postgres.ts';
import { contentHash } from '../packages/server/src/records/content-hash.ts';
import { CopyIn } from './copy-in.ts';

const CHUNK = 1_000;
const COLUMNS = '(stream_id, external_id, payload, size, hash, rev, seq, generation, created_at, updated_at)';

export type Rows = { readonly ids: readonly string[]; readonly lines: readonly string[] };

/** @returns rows per second of each */
export async function measureFloors(target: PostgresTarget, rows: Rows): Promise<{ copy: number; upsert: number }> {
  const client = new Client(clientConfig(target));
  await client.connect();
  try {
    return {
      copy: await onFreshTable(client, rows, (start) => copyChunk(client, rows, start)),
      upsert: await onFreshTable(client, rows, (start) => upsertChunk(client, rows, start)),
    };
  } finally {
    await client.query('drop table if exists floor');
    await client.end();
  }
}

async function onFreshTable(client: Client, { ids }: Rows, write: (start: number) => Promise<unknown>): Promise<number> {
  await client.query('drop table if exists floor');
  await client.query('create table floor (like records including all)');
  await client.query('checkpoint'); // each starts with the server at rest
  const started = performance.now();
  for (let start = 0; start < ids.length; start += CHUNK) await write(start);
  return ids.length / ((performance.now() - started) / 1000);
}

function copyChunk(client: Client, { ids, lines }: Rows, start: number): Promise<void> {
  const stamp = new Date().toISOString();
  const rows = ids.slice(start, start + CHUNK).map((id, n) => {
    const text = lines[start + n] ?? '';
    return `1\t${id}\t${text}\t${text.length}\t\\\\x${contentHash(text).toString('hex')}\t1\t${start + n}\t1\t${stamp}\t${stamp}\n`;
  });
  const data = Buffer.from(rows.join(''));
  return new Promise<void>((resolve, reject) =>
    client.query(new CopyIn(`copy floor ${COLUMNS} from stdin`, data, (error) => (error ? reject(error) : resolve()))),
  );
}

async function upsertChunk(client: Client, { ids, lines }: Rows, start: number): Promise<void> {
  const parameters: unknown[] = [];
  const values = ids.slice(start, start + CHUNK).map((id, n) => {
    const text = lines[start + n] ?? '';
    const p = parameters.push(id, text, text.length, contentHash(text)) - 3;
    return `(1,$${p},$${p + 1},$${p + 2},$${p + 3},1,${start + n},1,now(),now())`;
  });
  const text = `insert into floor ${COLUMNS} values ${values.join(',')} on conflict (stream_id, external_id) do update set payload = excluded.payload`;
  await client.query(text, parameters);
}
