/**
 * Follows the activity log by asking every second. Nothing is missed: what was told is remembered for ten seconds, and read on from behind
 * what was told before that, so a message that another process stored a moment later is still met; operations are looked for a minute back.
 * Only times of the server count. A server that is away is asked until it is back.
 */
import { ApiError } from '@bowline/api/client';
import type { FollowedMessage, Operation } from '@bowline/api/logs';
import { Unreached } from './reach.ts';
import type { Remote } from './server.ts';

export const pollMs = 1_000;
const overlapMs = 10_000;
const backMs = 60_000;
const idsPerRead = 100;
const pageSize = 200;

export type Filter = {
  type?: Operation['type'];
  integration?: string;
  connection?: string;
  function?: string;
};
export type Following = {
  readonly filter: Filter;
  /** ISO: what started since is told from its beginning. Without it, what has ended already is not told. */
  readonly since: string | undefined;
  readonly operation: (operation: Operation) => void;
  readonly message: (message: FollowedMessage) => void;
  readonly away: () => void;
  readonly back: () => void;
};

/** Until `stopped` resolves. @throws what asking again would not mend */
export async function follow({ api }: Remote, following: Following, stopped: Promise<void>): Promise<void> {
  const state: State = { open: new Set(), known: new Map(), told: new Set(), newestId: 0, heights: [], newestStart: following.since };
  let over = false;
  void stopped.then(() => {
    over = true;
  });
  let isAway = false;
  for (let first = true; !over; ) {
    try {
      await Promise.race([poll(api, state, following, first), stopped]);
      first = false;
      if (isAway) following.back();
      isAway = false;
    } catch (error) {
      if (!passes(error)) throw error;
      if (!isAway) following.away();
      isAway = true;
    }
    await Promise.race([new Promise((resolve) => setTimeout(resolve, over ? 0 : pollMs)), stopped]);
  }
}

type State = {
  /** Running, as far as is known. */
  readonly open: Set<string>;
  /** When each started, in milliseconds. */
  readonly known: Map<string, number>;
  readonly told: Set<number>;
  /** Of messages. */
  newestId: number;
  /** What the newest was at times past. */
  readonly heights: { at: number; id: number }[];
  newestStart: string | undefined;
};

/** No answer, an answer of whatever stands before the server, or one that says "later". */
function passes(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return error instanceof Unreached || error instanceof SyntaxError;
}

async function poll(api: Remote['api'], state: State, following: Following, first: boolean): Promise<void> {
  for (const operation of (await list(api, state, following, first)).reverse()) {
    if (state.known.has(operation.id)) continue;
    state.known.set(operation.id, Date.parse(operation.started_at));
    if (state.newestStart === undefined || operation.started_at > state.newestStart) state.newestStart = operation.started_at;
    if (first && following.since === undefined && operation.ended_at !== null) continue;
    state.open.add(operation.id);
    following.operation({ ...operation, state: 'running', ended_at: null, duration_ms: null, error: null });
  }
  const open = [...state.open];
  for (let from = 0; from < open.length; from += idsPerRead) await read(api, state, following, open.slice(from, from + idsPerRead));
  forget(state);
}

async function list(api: Remote['api'], { newestStart }: State, { filter, since }: Following, first: boolean): Promise<Operation[]> {
  const from =
    newestStart && (first ? newestStart : new Date(Math.max(Date.parse(newestStart) - backMs, Date.parse(since ?? '') || 0)).toISOString());
  const found: Operation[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.logs.operations({ query: { ...filter, from, cursor, limit: pageSize } });
    found.push(...page.operations);
    // Without a beginning, the newest are enough to begin with.
    cursor = from === undefined ? undefined : (page.next_cursor ?? undefined);
  } while (cursor !== undefined);
  return found;
}

async function read(api: Remote['api'], state: State, following: Following, ids: string[]): Promise<void> {
  let after = String(settled(state));
  for (;;) {
    const page = await api.logs.messages({ query: { operation: ids, after, limit: 1000 } });
    for (const message of page.messages) {
      const id = Number(message.id);
      if (state.told.has(id)) continue;
      state.told.add(id);
      state.newestId = Math.max(state.newestId, id);
      following.message(message);
    }
    if (page.next_cursor !== null) {
      after = page.next_cursor;
      continue;
    }
    // It was read before the messages, so of what has ended there are no more.
    for (const operation of page.operations) {
      if (operation.ended_at === null) continue;
      state.open.delete(operation.id);
      following.operation(operation);
    }
    return;
  }
}

/** The newest message at the last time that is long enough ago. */
const settled = ({ heights }: State): number => heights.findLast(({ at }) => performance.now() - at >= overlapMs)?.id ?? 0;

function forget(state: State): void {
  const { heights, told, known, newestStart, open } = state;
  heights.push({ at: performance.now(), id: state.newestId });
  const last = heights.findLastIndex(({ at }) => performance.now() - at >= overlapMs);
  if (last > 0) heights.splice(0, last);
  for (const id of told) if (id <= settled(state)) told.delete(id);
  const oldest = Date.parse(newestStart ?? '') - 2 * backMs;
  for (const [id, at] of known) if (at < oldest && !open.has(id)) known.delete(id);
}
