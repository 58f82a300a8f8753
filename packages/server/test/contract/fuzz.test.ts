import { declaredProblems, wording } from '@bowline/api/answers';
import { endpointRoute } from '@bowline/api/endpoints';
import { proxyRoute } from '@bowline/api/proxy';
import type { Route } from '@bowline/api/route';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many } from '../../src/base/database.ts';
import { createLog } from '../../src/base/log.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { leaks, leaksOf, plant } from './canaries.ts';
import { expectEnvelope, expectNoGiveaway } from './expect.ts';
import { type Document, type Operation, operationsOf } from './operations.ts';
import { createRandom } from './random.ts';
import { type Dictionary, makeRequest } from './requests.ts';
import { type Incoming, type Outgoing, send } from './send.ts';
import { writeTemplates } from './templates.ts';

/** Requests for each operation, and where their choices start; the same two make the same requests. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 40);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const AT_ONCE = 6;
/** Of what takes any path they are part of a description in openapi.json. */
const codesOf = (route: Route) => declaredProblems(route).map((code): string => wording(route, code).code);
const described = new Map([
  ['proxy', codesOf(proxyRoute)],
  ['endpoints', codesOf(endpointRoute)],
]);

let platform: Platform;
let upstream: Upstream;
let operations: Operation[];
let accountKey: string;
const log: string[] = [];
const tokens: string[] = [];
const statuses = new Map<string, number[]>();

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/ok', (_request, response) => json(response, { ok: true }));
  upstream.on('/token', (_request, response) => json(response, { access_token: 'canary-access', refresh_token: 'canary-refresh' }));
  const collected = createLog('trace', { write: (line) => void log.push(line) });
  platform = await startPlatform({ worker: false, templatesPath: writeTemplates(), allow: [`127.0.0.1:${upstream.port}`], log: collected });
  const document = (await platform.call('GET', '/openapi.json')).body as Document; // what another test proves of it
  operations = operationsOf(document);
  accountKey = await platform.accountKeyOf();
  tokens.push(platform.apiKey, accountKey, Buffer.alloc(32, 7).toString('base64'), 'correct horse');
});

test(
  `whatever is asked of any operation, the answer is a declared one and gives nothing away (FUZZ_RUNS=${RUNS} FUZZ_SEED=${SEED})`,
  async () => {
    expect(operations.length).toBeGreaterThan(50);
    const complaints: string[] = [];
    for (const [index, operation] of operations.entries()) {
      const dictionary = await plant(platform, upstream.url, accountKey);
      tokens.push(dictionary.tokens.session);
      complaints.push(...(await fuzz(operation, index, dictionary)));
    }
    expect(complaints.join('\n\n')).toBe('');
    // Requests that are all refused at the door would prove little.
    const all = [...statuses.values()].flat();
    expect(all.filter((status) => status < 300).length / all.length).toBeGreaterThan(0.2);
    expect(Object(JSON.parse('{}')).polluted).toBeUndefined();
  },
  Math.max(180_000, RUNS * 5_000),
);

test('none of it left a secret in the log of the server or of the activities, nor an error nobody expected', async () => {
  await platform.world.journal.flush();
  const rows = await many<{ text: string }>(
    platform.world.db,
    sql`select to_jsonb(o)::text as text from operations o union all select to_jsonb(m)::text from operation_messages m`,
  );
  expect(rows.length).toBeGreaterThan(50);
  const lines = [...log, ...rows.map(({ text }) => text)];
  expect(lines.filter((line) => leaks(line, tokens).length > 0).slice(0, 5)).toEqual([]);
  expect(log.filter((line) => /missing in the contract|failed unexpectedly/.test(line)).slice(0, 5)).toEqual([]);
});

async function fuzz(operation: Operation, index: number, dictionary: Dictionary): Promise<string[]> {
  const random = createRandom(SEED * 1000 + index);
  const requests = Array.from({ length: RUNS }, () => makeRequest(operation, { random, dictionary }));
  const complaints: string[] = [];
  const waiting = [...requests.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [run, request] = next;
      const complaint = await complaintAbout(operation, request);
      if (complaint) complaints.push(`${operation.id}, request ${run}: ${complaint}\n${shown(request)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return complaints;
}

async function complaintAbout(operation: Operation, request: Outgoing): Promise<string | undefined> {
  try {
    const answer = await send(platform.url, request);
    statuses.set(operation.id, [...(statuses.get(operation.id) ?? []), answer.status]);
    judge(operation, request, answer);
    return undefined;
  } catch (error) {
    // Over 128 KB of headers the server stops reading, and a caller that still writes may not hear why.
    if (JSON.stringify([request.path, request.headers]).length > 128_000 && /ECONNRESET|EPIPE|hang up/.test(String(error)))
      return undefined;
    return error instanceof Error ? error.message.slice(0, 2_000) : String(error);
  }
}

function judge(operation: Operation, request: Outgoing, answer: Incoming): void {
  const { status, text } = answer;
  expect(leaksOf(operation.id, request, text, tokens), 'secrets').toEqual([]);
  const isProxy = operation.id.startsWith('proxy.');
  if (isProxy && isUpstreams(answer)) return;
  expectNoGiveaway(text, text.slice(0, 500));
  if (status === 431) return void expect(expectEnvelope(answer, {}).code).toBe('request_too_large'); // before a route is known
  const codes = described.get(operation.id.split('.')[0] ?? '') ?? operation.answers.get(String(status));
  expect(codes !== undefined, `${status} is not declared: ${text.slice(0, 500)}`).toBe(true);
  if (status < 400) return;
  const { code } = expectEnvelope(answer, {});
  expect(codes, `${status} ${code}`).toContain(code);
  expect(code).not.toBe('server_error');
  // A function may fail, and a provider may be away; nothing else is ours to blame on others.
  if (status >= 500) expect(code).toMatch(isProxy ? /^upstream_/ : /^(script|action_script|function_runtime|execution)_/);
}

/** Its server takes 16 KB of address and headers. */
const isUpstreams = ({ status, text }: Incoming) => text === 'not scripted' || text === '{"ok":true}' || (status === 431 && text === '');

function shown({ body, ...request }: Outgoing): string {
  return JSON.stringify({ ...request, body: body?.toString() }).slice(0, 1_500);
}
