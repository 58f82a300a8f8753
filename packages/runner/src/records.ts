/**
 * The records a sync keeps: save, update, delete, read back, notice deletions. Actions do not get these.
 * Each record is encoded once, here, as canonical JSON; the host only splits lines and hashes. One call sends chunks of 1,000, two in flight,
 * and resolves when all are acknowledged; a record without id fails the call before anything of its chunk is sent.
 */
import type { ListAnswer } from '@bowline/api/calls';
import type { RunSpec } from '@bowline/api/protocol';
import { canonical } from './canonical.ts';
import { SdkError } from './errors.ts';
import type { Log } from './log.ts';
import type { Answer, Port } from './port.ts';

const chunkSize = 1000;
const chunksInFlight = 2;
const idsPerRead = 100;
const pageSize = 100;

type WriteMethod = 'records.save' | 'records.update' | 'records.delete';
type Chunk = { ids: string[]; body: Uint8Array };

/** Writes not yet acknowledged, so that a checkpoint never gets ahead of the records it stands for. */
export class Writes {
  private readonly open = new Set<Promise<unknown>>();

  track<T>(work: Promise<T>): Promise<T> {
    this.open.add(work);
    const forget = () => void this.open.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Resolves when all are acknowledged; rejects when one still under way, which the author therefore did not await, fails. */
  async settled(): Promise<void> {
    await Promise.all(this.open);
  }
}

export function createRecords(port: Port, run: RunSpec, log: Pick<Log, 'line'>, writes: Writes) {
  const write = (method: WriteMethod) => async (records: unknown, model: string) => {
    checkModel(run, model);
    if (records === undefined || records === null) return true;
    if (!Array.isArray(records)) throw invalid(`${model}: expected a list of records, got ${typeof records}.`);
    if (records.length > 0) await writes.track(sendAll(port, method, records, model));
    return true;
  };
  const batchSave = write('records.save');
  const strategies = new Set<string>();
  return {
    batchSave,
    /** Deprecated name of batchSave. */
    batchSend: batchSave,
    batchUpdate: write('records.update'),
    batchDelete: write('records.delete'),
    getRecordsByIds: (ids: unknown[], model: string) => byIds(port, ids, model),
    listRecords: (model: string, options?: { cursor?: string }) => list(port, model, options?.cursor),
    setMergingStrategy: async (merging: { strategy: 'override' | 'ignore_if_modified_after' }, model: string) => {
      if (strategies.has(model))
        return log.line('warn', `The merging strategy of ${model} is already set in this run; the second one is ignored.`);
      strategies.add(model);
      await port.ask('records.mergingStrategy', { model, strategy: merging.strategy });
    },
    trackDeletesStart: async (model: string) => void (await port.ask('records.trackDeletesStart', { model })),
    trackDeletesEnd: async (model: string) => {
      await writes.settled();
      return port.ask('records.trackDeletesEnd', { model });
    },
    deleteRecordsFromPreviousExecutions: async (model: string) => {
      await writes.settled();
      return port.ask('records.deletePrevious', { model });
    },
  };
}

async function sendAll(port: Port, method: WriteMethod, records: unknown[], model: string): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < records.length) {
      const from = next;
      next += chunkSize;
      const { ids, body } = encodeChunk(records, from, Math.min(next, records.length));
      await port.call(method, { model, ids }, body);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(chunksInFlight, Math.ceil(records.length / chunkSize)) }, lane));
  } catch (error) {
    next = records.length;
    if (method !== 'records.delete') await tellMet(port, records, model).catch(() => {});
    throw error;
  }
}

/** The provider has them, stored or not: an author who goes on after the error must not have them deleted at the end of a crawl. */
async function tellMet(port: Port, records: unknown[], model: string): Promise<void> {
  const ids = records.flatMap((record) =>
    typeof record === 'object' && record !== null && 'id' in record && record.id ? [idOf(record)] : [],
  );
  for (let from = 0; from < ids.length; from += chunkSize)
    await port.call('records.met', { model, ids: ids.slice(from, from + chunkSize) });
}

const idOf = ({ id }: { id?: unknown }) => String(id).replaceAll('\0', '');

function encodeChunk(records: unknown[], from: number, to: number): Chunk {
  const ids: string[] = [];
  let lines = '';
  for (let index = from; index < to; index++) {
    const record = checked(records[index], index);
    const id = idOf(record);
    ids.push(id);
    const { _nango_metadata: _dropped, ...rest } = record;
    const text = canonical({ ...rest, id });
    lines += index === from ? text : `\n${text}`;
  }
  return { ids, body: new TextEncoder().encode(lines) };
}

function checked(record: unknown, index: number): Record<string, unknown> {
  if (typeof record !== 'object' || record === null)
    throw invalid(`Record ${index} is ${record === null ? 'null' : typeof record}, not an object.`);
  const fields = record as Record<string, unknown>; // An object may be read by string keys.
  if (!fields.id) throw invalid(`Missing id field in record ${index}: ${JSON.stringify(record).slice(0, 500)}`);
  return fields;
}

function checkModel(run: RunSpec, model: string): void {
  if (run.models.includes(model)) return;
  throw invalid(`Model '${model}' is not declared by '${run.name}'. Declared: ${run.models.join(', ') || 'none'}.`);
}

function invalid(message: string): SdkError {
  return new SdkError('invalid_sync_record', message);
}

/** Keyed by the id as it was asked for (a number stays a number); absent ids are absent. */
async function byIds(port: Port, ids: unknown[], model: string): Promise<Map<unknown, unknown>> {
  const found = new Map<unknown, unknown>();
  for (let from = 0; from < ids.length; from += idsPerRead) {
    const asked = ids.slice(from, from + idsPerRead);
    const { body } = await port.call('records.byIds', { model, ids: asked.map(String) });
    const byText = new Map(parseList(body).map((record) => [String(record.id), record]));
    for (const id of asked) if (byText.has(String(id))) found.set(id, byText.get(String(id)));
  }
  return found;
}

export async function* list(port: Port, model: string, start: string | undefined): AsyncGenerator<Record<string, unknown>> {
  let cursor: string | null | undefined = start;
  do {
    const answer: Answer<ListAnswer> = await port.call('records.list', {
      model,
      limit: pageSize,
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield* parseList(answer.body);
    cursor = answer.value.nextCursor;
  } while (cursor !== null && cursor !== undefined);
}

function parseList(body: Uint8Array): Record<string, unknown>[] {
  return JSON.parse(new TextDecoder().decode(body));
}
