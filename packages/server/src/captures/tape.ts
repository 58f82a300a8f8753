/**
 * Tape: takes down what a run asks and is answered, beside the run and never in its way. Batches are written a second after their first entry or
 * when they are half a megabyte; what would need more memory or more room than a capture may have is noted and left out.
 */
import type { CaptureEntry } from '@bowline/api/captures';
import { CallError } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import type { StandIns } from '@bowline/compile/stand-ins';
import type { SandboxAnswer, SandboxCall, SandboxLine, SandboxOutcome } from '@bowline/sandbox/pool';
import type { World } from '../base/world.ts';
import type { Subject } from './capture.ts';
import { cleanAgain, cleanEntries, createStandIns, type RawCall, type RawEntry } from './clean.ts';
import { trimCaptures } from './retention.ts';
import { cleanParts, deleteCapture, saveParts } from './store.ts';
import type { Wanted } from './wanted.ts';

/** Larger bodies are not kept: a page of an API is rarely more. */
export const BODY_BYTES_MAX = 1024 * 1024;
/** Of one run, before it is compressed. */
export const RUN_BYTES_MAX = 16 * 1024 * 1024;
const ENTRIES_MAX = 20_000;
const LINES_MAX = 1_000;
const LINE_CHARS_MAX = 2_000;
const FLUSH_MS = 1_000;
const FLUSH_BYTES = 512 * 1024;
/** Of a run that is kept only if it fails: so much waits in memory for how it ends. */
const HELD_BYTES = 2 * 1024 * 1024;
/** Waiting to be written; past it bodies are left out until the database has caught up. */
const PENDING_BYTES_MAX = 4 * 1024 * 1024;
const ENTRY_BYTES = 200;
/** Beyond a run's bodies, for what goes with its calls: addresses, headers, ids. */
const HEADS_BYTES_MAX = 4 * 1024 * 1024;

type Needs = Pick<World, 'db' | 'keyring' | 'clock' | 'log' | 'config'>;
type Start = Omit<Extract<CaptureEntry, { entry: 'start' }>, 'entry' | 'now'>;
export type Recording = {
  readonly subject: Subject;
  readonly wanted: Wanted;
  readonly start: Start;
  /** Notes what gives access to the run's connection, as it is now: asked before each batch is written. */
  readonly collectSecrets: (secrets: StandIns) => Promise<void>;
};
export type Tape = {
  /** Has the call answered, and takes it down. Throws what `answer` throws. */
  call(call: SandboxCall, answer: () => Promise<SandboxAnswer>): Promise<SandboxAnswer>;
  line(line: SandboxLine): void;
  /** Returns at once; what is left is written behind it. */
  end(outcome: SandboxOutcome): void;
};

export function startTape(world: Needs, { subject, wanted, start, collectSecrets }: Recording): Tape {
  const beganAt = world.clock.now();
  const writer = createWriter(world, { subject, wanted, beganAt, collectSecrets });
  const since = () => world.clock.now().getTime() - beganAt.getTime();
  let [calls, lines, entries, bytes, leftOut] = [0, 0, 0, 0, 0];
  const take = (entry: RawEntry, size: number): void => {
    entries += 1;
    bytes += size;
    writer.take(entry, size);
  };
  const isFull = () => bytes > RUN_BYTES_MAX || entries > ENTRIES_MAX;
  const note = (made: Omit<RawCall, 'entry' | 'lost'>): void => {
    const head = ENTRY_BYTES + sizeOf(made.params) + sizeOf(made.answer?.value);
    if (entries > ENTRIES_MAX || bytes + head > RUN_BYTES_MAX + HEADS_BYTES_MAX || writer.isStuck()) {
      leftOut += 1;
      return;
    }
    const [sent, received] = [made.body.byteLength, made.answer?.body?.byteLength ?? 0];
    const drops = (size: number) => size > BODY_BYTES_MAX || (size > 0 && (isFull() || bytes + size > RUN_BYTES_MAX || writer.isBehind()));
    const lost = { sent: drops(sent) ? sent : 0, received: drops(received) ? received : 0 };
    if (lost.sent + lost.received > 0) writer.markCut();
    const answer = made.answer && { ...made.answer, body: lost.received > 0 ? undefined : made.answer.body };
    const body = lost.sent > 0 ? new Uint8Array() : made.body;
    take({ entry: 'call', ...made, answer, body, lost }, head + sent - lost.sent + received - lost.received);
  };
  const isLarge = sizeOf(start) > BODY_BYTES_MAX;
  if (isLarge) writer.markCut();
  const begun = isLarge ? { ...start, run: { ...start.run, input: undefined, payload: undefined } } : start;
  take({ entry: 'start', now: beganAt.toISOString(), ...begun }, ENTRY_BYTES + sizeOf(begun));
  return {
    call: async ({ method, params, body }, answer) => {
      calls += 1;
      const made = { n: calls, at: since(), method, params, body };
      writer.count(calls);
      try {
        const given = await answer();
        note({ ...made, ms: since() - made.at, answer: { value: given.value ?? null, body: given.body }, failure: undefined });
        return given;
      } catch (error) {
        if (error instanceof CallError) note({ ...made, ms: since() - made.at, answer: undefined, failure: error.failure });
        throw error;
      }
    },
    line: ({ level, message }) => {
      lines += 1;
      if (lines > LINES_MAX || isFull()) leftOut += 1;
      else
        take({ entry: 'log', at: since(), level, message: message.slice(0, LINE_CHARS_MAX).toWellFormed() }, ENTRY_BYTES + message.length);
    },
    end: (outcome) => {
      if (leftOut > 0) writer.markCut();
      writer.take({ entry: 'end', at: since(), ...endOf(outcome), left_out: leftOut }, ENTRY_BYTES);
      void tracked(world.db, writer.end(outcome.ok ? undefined : outcome.error));
    },
  };
}

const sizeOf = (value: unknown): number => (value === undefined || value === null ? 0 : JSON.stringify(value).length);

function endOf(outcome: SandboxOutcome): { error: RunError | null; output: unknown } {
  if (!outcome.ok) return { error: outcome.error, output: null };
  return { error: null, output: JSON.parse(outcome.output.toString('utf8')) };
}

type Writing = Omit<Recording, 'start'> & { readonly beganAt: Date };

/** Writes in order, one batch at a time. What goes wrong ends the capture and not the run. */
function createWriter(world: Needs, { subject, wanted, beganAt, collectSecrets }: Writing) {
  const opened = { subject, beganAt, keepDays: wanted.keepDays };
  const secrets = createStandIns();
  const { environmentId } = subject;
  let id: number | undefined;
  let [parts, calls, pending, writing] = [0, 0, 0, 0];
  let [isCut, isBroken] = [false, false];
  /** Parts below were written before these many secrets were known. */
  let cleanedWith = 0;
  let batch: RawEntry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  const flush = (end?: { endedAt: Date }): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const [taken, size] = [batch, pending];
    [batch, pending] = [[], 0];
    writing += size;
    turn = turn
      .then(() => write(taken, end))
      .catch(broken)
      .finally(() => {
        writing -= size;
      });
    return turn;
  };
  const write = async (taken: readonly RawEntry[], end: { endedAt: Date } | undefined): Promise<void> => {
    if (isBroken) return;
    await collectSecrets(secrets);
    const entries = cleanEntries(taken, secrets);
    if (parts === 0) cleanedWith = secrets.size;
    const ended = end && { endedAt: end.endedAt, state: isCut ? ('cut' as const) : ('whole' as const) };
    if (end && id !== undefined && secrets.size > cleanedWith)
      await cleanParts(world, { environmentId, id, below: parts }, (old) => cleanAgain(old, secrets));
    const saved = await saveParts(world, { id, opened, from: parts }, [entries], { calls, ended });
    if (saved === undefined) isBroken = true;
    id = saved;
    parts += 1;
  };
  const broken = (error: unknown): void => {
    isBroken = true;
    world.log.warn({ err: error, run: subject.runId }, 'a run could not be captured; it goes on');
  };
  const limit = wanted.mode === 'failures' ? HELD_BYTES : FLUSH_BYTES;
  return {
    take(entry: RawEntry, size: number): void {
      if (isBroken) return;
      batch.push(entry);
      pending += size;
      if (pending >= limit) void flush();
      else if (wanted.mode === 'all') timer ??= setTimeout(flush, FLUSH_MS).unref();
    },
    count: (made: number) => {
      calls = made;
    },
    markCut: () => {
      isCut = true;
    },
    isBehind: () => pending + writing > PENDING_BYTES_MAX,
    /** The database has not caught up though bodies were left out. */
    isStuck: () => pending + writing > 2 * PENDING_BYTES_MAX,
    async end(error: RunError | undefined): Promise<void> {
      const isKept = wanted.mode === 'all' || error !== undefined;
      if (isKept) await flush({ endedAt: world.clock.now() });
      else {
        clearTimeout(timer);
        batch = [];
        await turn;
        if (id !== undefined) await deleteCapture(world.db, environmentId, id);
      }
      if (id !== undefined) await trimCaptures(world, environmentId);
    },
  };
}

const saving = new WeakMap<object, Set<Promise<void>>>();

function tracked(db: object, work: Promise<void>): Promise<void> {
  const ofDatabase = saving.get(db) ?? new Set();
  saving.set(db, ofDatabase);
  const done = work.catch(() => undefined).finally(() => ofDatabase.delete(done));
  ofDatabase.add(done);
  return done;
}

/** Waits for what is being written, before the database is closed. */
export async function settleCaptures({ db }: Pick<World, 'db'>): Promise<void> {
  await Promise.all(saving.get(db) ?? []);
}
