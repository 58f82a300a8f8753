/** Answers a function's calls from a capture and keeps what it writes. Nothing leaves this process, and nothing in it grants access to anything. */
import type { CallMethod, CallParams, CallsOf } from '@bowline/api/calls';
import type { CapturedCall } from '@bowline/api/captures';
import { CallError } from '@bowline/api/protocol';
import type { SandboxAnswer, SandboxCall } from '@bowline/sandbox/pool';
import { type Answers, dispatch, refused } from '../local/calls.ts';
import { createMatcher, describeCall, type Matcher, type Miss } from './match.ts';
import { emptyOutcome, type Outcome, write } from './outcome.ts';
import { bytesOf, type Tape } from './tape.ts';

export type TapeHost = {
  answer: (call: SandboxCall) => Promise<SandboxAnswer>;
  outcome: Outcome;
  misses: Miss[];
  matcher: Matcher;
};

/** Times in a request may lie further apart than the run was long: the replay's clock stands, the run's went on. */
const SLACK_MS = 5_000;
export const toleranceOf = ({ ms }: Tape): number => ms + SLACK_MS;

type Setup = { tape: Tape; matcher: Matcher; outcome: Outcome; missed: (miss: Miss) => CallError };

export function tapeHost(tape: Tape): TapeHost {
  const matcher = createMatcher(tape.calls, toleranceOf(tape));
  const outcome = emptyOutcome(checkpointOf(tape));
  const misses: Miss[] = [];
  const missed = (miss: Miss): CallError => {
    misses.push(miss);
    return refused('not_captured', describeMiss(miss));
  };
  const setup = { tape, matcher, outcome, missed };
  const answers: Answers = {
    ...requestAnswers(setup),
    ...connectionAnswers(setup),
    ...recordAnswers(setup),
    ...checkpointAnswers(outcome),
    'lock.acquire': (params) => anew(setup, 'lock.acquire', params) ?? { value: true },
    'lock.release': (params) => anew(setup, 'lock.release', params) ?? { value: true },
    'lock.releaseAll': () => ({}),
  };
  return { answer: (call) => dispatch(answers, call), outcome, misses, matcher };
}

export const checkpointOf = ({ start }: Tape): Outcome['checkpoint'] => start.checkpoint as Outcome['checkpoint']; // flat, as the platform keeps them

const whys: Readonly<Record<Miss['why'], string>> = {
  none: 'The captured run did not make this request',
  exhausted: 'The captured run made this request less often',
  cut: 'The answer to this request was too large to be captured',
};

export function describeMiss({ url, why, nearest }: Miss): string {
  return `${whys[why]}: ${url}.${nearest.length > 0 ? ` Most like it: ${nearest.join('; ')}.` : ''}`;
}

/** What was answered, or how it failed. */
function played(call: CapturedCall, { missed }: Pick<Setup, 'missed'>): SandboxAnswer {
  const { failure, answer, method, params } = call;
  if (failure) {
    const { name = 'Error', message = '', ...rest } = failure;
    throw new CallError({ name: String(name), message: String(message), ...rest });
  }
  if (answer?.body && answer.body.text === null) throw missed({ method, url: describeCall(method, params), why: 'cut', nearest: [] });
  return { value: answer?.value ?? null, ...(answer?.body ? { body: bytesOf(answer.body) } : {}) };
}

function requestAnswers(setup: Setup): Answers<'proxy' | 'fetch'> {
  const asked = (method: 'proxy' | 'fetch', params: object, body: Buffer): SandboxAnswer => {
    const found = setup.matcher.find(method, params, body);
    if ('miss' in found) throw setup.missed(found.miss);
    return played(found.call, setup);
  };
  return { proxy: (params, body) => asked('proxy', params, body), fetch: (params, body) => asked('fetch', params, body) };
}

/** The next answer to this question, else the last one again: it reads, so asking it more often is no difference. */
function anew(setup: Setup, method: CallMethod, params: object): SandboxAnswer | undefined {
  const found = setup.matcher.find(method, params, Buffer.alloc(0));
  const call = 'call' in found ? found.call : setup.matcher.again(method, params);
  return call && played(call, setup);
}

type OfConnection = CallsOf<'connection' | 'metadata' | 'token' | 'integration' | 'variables' | 'attributes' | 'action' | 'sync'>;

function connectionAnswers(setup: Setup): Answers<OfConnection> {
  const { start, run } = setup.tape;
  let metadata: unknown = start.connection.metadata;
  let isChanged = false;
  const change = (next: unknown): SandboxAnswer => {
    metadata = next;
    isChanged = true;
    return { value: { success: true } };
  };
  const orMissed = (method: CallMethod, params: object): SandboxAnswer => {
    const answer = anew(setup, method, params);
    if (answer) return answer;
    throw setup.missed({ method, url: `${method} ${JSON.stringify(params)}`, why: 'none', nearest: [] });
  };
  return {
    'connection.get': (params) => {
      const { connectionId = run.connectionId, providerConfigKey = run.providerConfigKey } = params;
      if (connectionId !== run.connectionId || providerConfigKey !== run.providerConfigKey) return orMissed('connection.get', params);
      const answer = anew(setup, 'connection.get', params) ?? { value: start.connection };
      return isChanged ? { value: { ...Object(answer.value), metadata } } : answer;
    },
    'metadata.set': (params) => change(params.metadata),
    'metadata.update': (params) => change({ ...Object(metadata), ...params.metadata }),
    // Stand-ins: whoever sends them somewhere gets nothing for them.
    'token.get': (params) =>
      anew(setup, 'token.get', params) ?? { value: Object(start.connection.credentials).access_token ?? start.connection.credentials },
    'integration.get': (params) => anew(setup, 'integration.get', params) ?? { value: start.integration },
    'variables.get': (params) => orMissed('variables.get', params),
    'attributes.get': () => ({ value: start.attributes }),
    'action.trigger': (params) => orMissed('action.trigger', params),
    'sync.trigger': () => ({ value: { success: true } }),
    'sync.start': () => ({ value: { success: true } }),
  };
}

function recordAnswers(setup: Setup): Answers<CallsOf<'records'>> {
  const { matcher, outcome, tape } = setup;
  const check = (model: string): void => {
    if (tape.run.models.includes(model)) return;
    throw refused('invalid_sync_record', `The sync "${tape.run.name}" does not declare a model "${model}".`);
  };
  const writes = (method: 'records.save' | 'records.update' | 'records.delete') => (params: CallParams<'records.save'>, body: Buffer) => {
    check(params.model);
    const found = matcher.find(method, params, body);
    // What was refused then, such as records that do not fit their schema, is refused again.
    if ('call' in found && found.call.failure) return played(found.call, setup);
    const { added, updated } = write(outcome, { method, params, body });
    if ('call' in found) return played(found.call, setup);
    const isDelete = method === 'records.delete';
    return {
      value: { added: isDelete ? 0 : added, updated: isDelete ? 0 : updated, deleted: isDelete ? params.ids.length : 0, unchanged: 0 },
    };
  };
  const crawlEnd = (method: 'records.trackDeletesEnd' | 'records.deletePrevious') => (params: { model: string }) => {
    check(params.model);
    const answer = anew(setup, method, params) ?? { value: { deletedKeys: [] } };
    outcome.crawled.set(params.model, Object(answer.value).deletedKeys ?? []);
    return answer;
  };
  const read = (method: 'records.byIds' | 'records.list', params: object): SandboxAnswer => {
    const answer = anew(setup, method, params);
    if (answer) return answer;
    throw setup.missed({ method, url: `${method} ${JSON.stringify(params)}`, why: 'none', nearest: [] });
  };
  return {
    'records.save': writes('records.save'),
    'records.update': writes('records.update'),
    'records.delete': writes('records.delete'),
    'records.byIds': (params) => readByIds(setup, params) ?? read('records.byIds', params),
    'records.list': (params) => read('records.list', params),
    'records.met': () => ({}),
    'records.trackDeletesStart': ({ model }) => {
      check(model);
      return {};
    },
    'records.trackDeletesEnd': crawlEnd('records.trackDeletesEnd'),
    'records.deletePrevious': crawlEnd('records.deletePrevious'),
    'records.mergingStrategy': () => ({}),
  };
}

/** Ids in another composition than then: of each it is known what the cache had, if it was asked for at all. */
function readByIds(setup: Setup, params: CallParams<'records.byIds'>): SandboxAnswer | undefined {
  const asked = setup.tape.calls.filter(
    ({ method, params: given, answer }) => method === 'records.byIds' && given.model === params.model && answer?.body?.text != null,
  );
  const exact = asked.some(({ params: given }) => JSON.stringify(given.ids) === JSON.stringify(params.ids));
  const known = new Set(asked.flatMap(({ params: given }) => given.ids as string[])); // of a call that was parsed when it was made
  if (exact || !params.ids.every((id) => known.has(id))) return undefined;
  const records = new Map(
    asked.flatMap(({ answer }) =>
      (JSON.parse(answer?.body?.text ?? '[]') as { id: string }[]).map((record) => [String(record.id), record]),
    ),
  ); // the platform's own answer
  return { value: null, body: Buffer.from(JSON.stringify(params.ids.flatMap((id) => records.get(id) ?? []))) };
}

function checkpointAnswers(outcome: Outcome): Answers<CallsOf<'checkpoint'>> {
  const leave = (checkpoint: Outcome['checkpoint']): SandboxAnswer => {
    outcome.checkpoint = checkpoint;
    return {};
  };
  return {
    'checkpoint.get': () => ({ value: outcome.checkpoint }),
    'checkpoint.save': ({ checkpoint }) => leave(checkpoint),
    'checkpoint.clear': () => leave(null),
  };
}
