/** Stores what is captured: the row with its first parts in one transaction, then parts in order, then the end. A capture so always has a beginning. */
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import type { CaptureEntry } from '@bowline/api/captures';
import { sql } from 'kysely';
import { many, only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import { type CaptureState, partPlace, type Subject } from './capture.ts';

type Keeping = Pick<World, 'db' | 'keyring'>;
const squeeze = promisify(deflate);
const expand = promisify(inflate);

export type Opened = { readonly subject: Subject; readonly beganAt: Date; readonly keepDays: number };
export type Ended = { readonly state: Exclude<CaptureState, 'running'>; readonly endedAt: Date };
type Progress = { readonly calls: number; readonly ended?: Ended | undefined };

/** @returns its id */
export async function insertCapture(db: Database, { subject, beganAt, keepDays }: Opened): Promise<number> {
  const { environmentId, runId, operationId, kind, integration, connection, version, codeHash } = subject;
  const row = await only<{ id: number }>(
    db,
    sql`insert into captures (environment_id, run_id, operation_id, kind, integration, connection, function, version, code_hash, began_at, expires_at)
        values (${environmentId}, ${runId}, ${operationId}, ${kind}, ${integration}, ${connection}, ${subject.function}, ${version}, ${codeHash},
                ${beganAt}, ${beganAt}::timestamptz + ${keepDays} * interval '1 day')
        returning id`,
  );
  return row.id;
}

type Part = { readonly environmentId: number; readonly captureId: number; readonly part: number };

/** Compressed and sealed: JSON of an API takes a fifth of its size. */
export async function sealPart({ keyring }: Pick<World, 'keyring'>, part: Part, entries: readonly CaptureEntry[]): Promise<Buffer> {
  const small = await squeeze(Buffer.from(JSON.stringify(entries)), { level: 3 });
  return seal(keyring, partPlace(part), small.toString('base64'));
}

export async function openPart({ keyring }: Pick<World, 'keyring'>, part: Part, sealed: Uint8Array): Promise<CaptureEntry[]> {
  const small = Buffer.from(await open(keyring, partPlace(part), sealed), 'base64');
  return JSON.parse((await expand(small)).toString('utf8')); // written by sealPart
}

/**
 * @param parts in order, numbered from `from`
 * @returns the capture's id; undefined when it was removed meanwhile, and nothing is stored
 */
export async function saveParts(
  { db, keyring }: Keeping,
  target: { readonly id: number | undefined; readonly opened: Opened; readonly from: number },
  parts: readonly CaptureEntry[][],
  { calls, ended }: Progress,
): Promise<number | undefined> {
  const { environmentId } = target.opened.subject;
  return transaction(db, async (tx) => {
    const id = target.id ?? (await insertCapture(tx, target.opened));
    let bytes = 0;
    const sealed: Buffer[] = [];
    for (const [index, entries] of parts.entries()) {
      const one = await sealPart({ keyring }, { environmentId, captureId: id, part: target.from + index }, entries);
      bytes += one.length;
      sealed.push(one);
    }
    const isThere = await run(
      tx,
      sql`update captures set calls = ${calls}, bytes = bytes + ${bytes}, state = coalesce(${ended?.state ?? null}, state),
                 ended_at = coalesce(${ended?.endedAt ?? null}, ended_at)
           where environment_id = ${environmentId} and id = ${id}`,
    );
    if (isThere === 0) return undefined;
    for (const [index, one] of sealed.entries())
      await run(
        tx,
        sql`insert into capture_parts (environment_id, capture_id, part, sealed) values (${environmentId}, ${id}, ${target.from + index}, ${one})`,
      );
    return id;
  });
}

/** Writes parts anew in which `clean` changes something. @param below parts from here on are as they are to be */
export async function cleanParts(
  { db, keyring }: Keeping,
  { environmentId, id, below }: { environmentId: number; id: number; below: number },
  clean: (entries: CaptureEntry[]) => CaptureEntry[] | undefined,
): Promise<void> {
  const rows = await many<{ part: number; sealed: Buffer }>(
    db,
    sql`select part, sealed from capture_parts where environment_id = ${environmentId} and capture_id = ${id} and part < ${below} order by part`,
  );
  for (const { part, sealed } of rows) {
    const place = { environmentId, captureId: id, part };
    const cleaned = clean(await openPart({ keyring }, place, sealed));
    if (!cleaned) continue;
    const anew = await sealPart({ keyring }, place, cleaned);
    await run(
      db,
      sql`update capture_parts set sealed = ${anew} where environment_id = ${environmentId} and capture_id = ${id} and part = ${part}`,
    );
  }
}

/** @returns whether it was there */
export async function deleteCapture(db: Database, environmentId: number, id: number): Promise<boolean> {
  return (await run(db, sql`delete from captures where environment_id = ${environmentId} and id = ${id}`)) === 1;
}
