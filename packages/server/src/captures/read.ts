/** Captures as they are read: by run, then part by part. */
import type { CaptureEntry } from '@bowline/api/captures';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { type CaptureRow, columns } from './capture.ts';
import { openPart } from './store.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

const NUMBER = /^\d{1,18}$/;

/** @param run the number of a run, or the id of an operation. Newest first. @throws invalid_cursor */
export async function listCaptures(
  db: Database,
  { environment }: InEnvironment,
  { run, limit, cursor }: { run?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ captures: CaptureRow[]; nextCursor: string | null }> {
  if (cursor !== undefined && !NUMBER.test(cursor)) throw problem('invalid_cursor');
  const wanted = run === undefined ? sql`` : NUMBER.test(run) ? sql`and run_id = ${run}::bigint` : sql`and operation_id = ${run}`;
  const older = cursor === undefined ? sql`` : sql`and id < ${cursor}::bigint`;
  const found = await many<CaptureRow>(
    db,
    sql`select ${columns} from captures where environment_id = ${environment.id} ${wanted} ${older} and expires_at > now()
         order by id desc limit ${limit + 1}`,
  );
  const page = found.slice(0, limit);
  return { captures: page, nextCursor: found.length > limit ? String(page.at(-1)?.id) : null };
}

/** @throws not_found */
export async function findCapture(db: Database, { environment }: InEnvironment, id: string): Promise<CaptureRow> {
  const row = await one<CaptureRow>(
    db,
    sql`select ${columns} from captures where environment_id = ${environment.id} and id = ${id}::bigint and expires_at > now()`,
  );
  if (!row) throw problem('not_found', { message: 'There is no such capture: it expired, made room for newer ones, or never was' });
  return row;
}

/** @throws not_found */
export async function readPart(
  world: Pick<World, 'db' | 'keyring'>,
  scope: InEnvironment,
  { id, part }: { id: string; part: number },
): Promise<{ capture: CaptureRow; entries: CaptureEntry[]; nextPart: number | null }> {
  const capture = await findCapture(world.db, scope, id);
  const environmentId = scope.environment.id;
  const rows = await many<{ part: number; sealed: Buffer }>(
    world.db,
    sql`select part, case when part = ${part} then sealed end as sealed from capture_parts
         where environment_id = ${environmentId} and capture_id = ${capture.id} and part in (${part}, ${part + 1}) order by part`,
  );
  const here = rows.find((row) => row.part === part);
  const entries = here ? await openPart(world, { environmentId, captureId: capture.id, part }, here.sealed) : [];
  return { capture, entries, nextPart: rows.some((row) => row.part === part + 1) ? part + 1 : null };
}
