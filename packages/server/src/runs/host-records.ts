/** Records of a sync: saved, changed, deleted, read. The host decides the stream and the run; a function names only a model it declared. */
import type { CallsOf } from '@bowline/api/calls';
import { CallError } from '@bowline/api/protocol';
import type { SandboxAnswer } from '@bowline/sandbox/pool';
import { publishLive } from '../http/live.ts';
import { deleteRecords } from '../records/delete.ts';
import { getRecords } from '../records/get-by-ids.ts';
import { listRecords } from '../records/list.ts';
import { saveRecords } from '../records/save.ts';
import { listOf } from '../records/splice.ts';
import { lookStream, openStream, positionOfStream, type Stream, SupersededError } from '../records/stream.ts';
import { noteMet, startTracking, type TrackInput } from '../records/track-deletes.ts';
import { updateRecords } from '../records/update.ts';
import type { RunContext } from './context.ts';
import { endCrawl, noteFlaws } from './end-crawl.ts';
import type { HostCalls } from './host-calls.ts';
import { fenced } from './lease.ts';

export const recordCalls: HostCalls<CallsOf<'records'>> = {
  'records.save': (context, { model, ids }, body) =>
    writing(context, model, async (world, writer) => {
      const { duplicates, ...counts } = await saveRecords(world, context.scope, {
        ...writer,
        ids,
        lines: linesOf(body, ids.length),
      });
      for (const id of duplicates)
        context.operation.log('error', `${model}: the id "${id}" came twice in one batch; the first record was saved`);
      return { value: { ...counts, deleted: 0 } };
    }),
  'records.update': (context, { model, ids }, body) =>
    writing(context, model, async (world, writer) => {
      const updated = await updateRecords(world, context.scope, {
        ...writer,
        ids,
        patches: linesOf(body, ids.length).map(patchOf),
      });
      return { value: { added: 0, updated: updated.updated, deleted: 0, unchanged: updated.unchanged } };
    }),
  'records.delete': (context, { model, ids }) =>
    writing(context, model, async (world, writer) => {
      const deleted = await deleteRecords(world, context.scope, { ...writer, ids });
      return { value: { added: 0, updated: 0, deleted: deleted.length, unchanged: ids.length - deleted.length } };
    }),
  'records.met': (context, { model, ids }) =>
    writing(context, model, async (world, writer) => {
      await noteMet(world, context.scope, { ...writer, ids });
      return {};
    }),
  'records.byIds': async (context, { model, ids }) => {
    const records = await getRecords(context.world, context.scope, { stream: await look(context, model), ids });
    return { value: null, body: records };
  },
  'records.list': async (context, { model, cursor, limit }) => {
    const page = await listRecords(context.world, context.scope, { stream: await look(context, model), cursor, limit });
    return { value: { nextCursor: page.nextCursor }, body: listOf(page) };
  },
  'records.trackDeletesStart': (context, { model }) =>
    writing(context, model, async (world, writer) => {
      await startTracking(world, context.scope, writer);
      return {};
    }),
  'records.trackDeletesEnd': (context, { model }) =>
    writing(context, model, (world, writer) => finishCrawl({ ...context, world }, model, writer)),
  // The crawl was begun for it before the function started (prepare-records), since only then is known what was not met.
  'records.deletePrevious': (context, { model }) =>
    writing(context, model, (world, writer) => finishCrawl({ ...context, world }, model, writer)),
  'records.mergingStrategy': async (context, { model, strategy }) => {
    const stream = await openModel(context, model);
    const position = strategy === 'ignore_if_modified_after' ? await positionOfStream(context.world.db, context.scope, stream) : undefined;
    if (position !== undefined) context.unlessChangedAfter.set(model, position);
    return {};
  },
};

async function finishCrawl(context: RunContext, model: string, writer: TrackInput): Promise<SandboxAnswer> {
  const end = await endCrawl(context, model, writer);
  if (end) return { value: { deletedKeys: end.deleted } };
  throw new CallError({
    name: 'Error',
    code: 'no_track_deletes',
    message: `No track deletes starting point found for model '${model}'. Call trackDeletesStart first.`,
  });
}

type Write = (world: RunContext['world'], writer: TrackInput) => Promise<SandboxAnswer>;

/** Opens the model's stream for this run; a run that was given up learns it here and ends. */
async function writing(context: RunContext, model: string, write: Write): Promise<SandboxAnswer> {
  const work = writeTo(context, model, write);
  context.writing.add(work);
  try {
    return await work;
  } catch (error) {
    if (error instanceof SupersededError) throw new CallError({ name: 'Error', code: 'script_aborted', message: error.message });
    throw error;
  } finally {
    context.writing.delete(work);
  }
}

async function writeTo(context: RunContext, model: string, write: Write): Promise<SandboxAnswer> {
  const stream = await openModel(context, model);
  await noteFlaws(context);
  const unlessChangedAfter = context.unlessChangedAfter.get(model);
  const writer = {
    stream,
    runId: context.runId,
    ...(context.writes ? { writes: context.writes } : {}),
    ...(unlessChangedAfter === undefined ? {} : { unlessChangedAfter }),
  };
  const answer = await fenced(context, (world) => write(world, writer));
  for (const topic of ['records', 'syncs'] as const) publishLive(context.world, context.scope.environment.id, topic);
  return answer;
}

/** @throws CallError when the function may not have records of this model */
export async function openModel(context: RunContext, model: string): Promise<Stream> {
  checkModel(context, model);
  const known = context.streams.get(model);
  if (known) return known;
  const stream = await openStream(context.world.db, context.scope, { connection: context.connection.id, model, variant: context.variant });
  context.streams.set(model, stream);
  return stream;
}

function look(context: RunContext, model: string): Promise<Stream | undefined> {
  checkModel(context, model);
  return lookStream(context.world.db, context.scope, { connection: context.connection.id, model, variant: context.variant });
}

/** @throws CallError when the function may not have records of this model */
export function checkModel({ hasRecords, fn }: RunContext, model: string): void {
  if (!hasRecords)
    throw new CallError({ name: 'Error', code: 'no_records', message: 'Only syncs have records; an action returns its output instead.' });
  if (fn.config.models.includes(model)) return;
  const message = `The sync "${fn.name}" does not declare a model "${model}". It declares ${fn.config.models.join(', ') || 'none'}; add it to \`models\` and deploy again.`;
  throw new CallError({ name: 'Error', code: 'invalid_sync_record', message });
}

const NEWLINE = 0x0a;

/** The lines of a frame's body, as views: canonical JSON has no raw newline. */
export function linesOf(body: Buffer, count: number): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  while (lines.length < count) {
    const end = body.indexOf(NEWLINE, start);
    lines.push(body.subarray(start, end === -1 ? body.length : end));
    if (end === -1) break;
    start = end + 1;
  }
  if (lines.length !== count)
    throw new CallError({ name: 'Error', code: 'invalid_arguments', message: 'The batch has fewer records than ids' });
  return lines;
}

export function patchOf(line: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(line.toString('utf8'));
  return Object(value);
}
