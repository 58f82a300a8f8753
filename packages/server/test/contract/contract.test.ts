import { declaredProblems, general, wording } from '@bowline/api/answers';
import { endpointRoute } from '@bowline/api/endpoints';
import { proxyRoute } from '@bowline/api/proxy';
import type { Route } from '@bowline/api/route';
import { publicRoutes } from '@bowline/api/routes';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Broken, startBroken } from './broken.ts';
import type { Case, Request } from './case.ts';
import { cases } from './cases.ts';
import { expectNoGiveaway, expectRefusal } from './expect.ts';
import { spoiled } from './general.ts';
import { type Incoming, send } from './send.ts';
import { wire } from './wire.ts';
import { type ContractWorld, createContractWorld } from './world.ts';

let world: ContractWorld;
let broken: Broken;

beforeAll(async () => {
  [world, broken] = await Promise.all([createContractWorld(), startBroken(routes.length)]);
});

const contract: Record<string, Record<string, Route>> = {
  ...publicRoutes,
  proxy: { call: proxyRoute },
  endpoints: { call: endpointRoute },
};
const prepared: Record<string, Record<string, Record<string, Case | undefined>>> = cases;
const routes = Object.entries(contract).flatMap(([resource, byName]) =>
  Object.entries(byName).map(([name, route]) => ({ id: `${resource}.${name}`, route, cases: prepared[resource]?.[name] ?? {} })),
);

const succeeds = ({ answer }: Route) => !(answer instanceof z.ZodNever);
const prepare = async (one: Case | undefined): Promise<Request> => {
  if (!one) throw new Error('this answer has no case; see contract/case.ts');
  return typeof one === 'function' ? await one(world) : one;
};
const ask = (route: Route, request: Request): Promise<Incoming> =>
  send(request.at ?? world.platform.url, wire(route, request, { ...world, apiKey: world.platform.apiKey })).finally(request.afterwards);

describe.each(routes)('$id', ({ route, cases: own }) => {
  let good: Promise<Request> | undefined;
  /** What is spoilt below and, at last, sent as it is. */
  const goodRequest = () => {
    good ??= prepare(succeeds(route) ? own.success : own.forbidden);
    return good;
  };

  test('declares only what is its own, each once, and each declared answer has a case', () => {
    const ofItsKind = new Set<string>(general(route));
    expect(route.problems.filter((code) => ofItsKind.has(code))).toEqual([]);
    expect(new Set(route.problems).size).toBe(route.problems.length);
    expect(Object.keys(own).toSorted()).toEqual(
      [...(succeeds(route) ? ['success'] : []), ...(route.accepted ? ['accepted'] : []), ...route.problems].toSorted(),
    );
  });

  test('words only problems it can answer', () => {
    expect(Object.keys(route.wording ?? {}).filter((code) => !declaredProblems(route).some((known) => known === code))).toEqual([]);
  });

  test.each(general(route).filter((code) => code !== 'server_error'))('answers %s', async (code) => {
    const requests = await spoiled[code]({ world, route, request: await goodRequest() });
    expect(requests.length).toBeGreaterThan(0);
    const url = code === 'too_many_request' ? world.strict : world.platform.url;
    for (const request of requests) {
      let answer = await send(url, request);
      // The second, or the one after it where a minute ends between them.
      for (let n = 0; url === world.strict && n < 3 && answer.status !== 429; n++) answer = await send(url, request);
      expectRefusal(answer, wording(route, code), request);
    }
  });

  test.each(general(route).filter((code) => code === 'server_error'))('answers %s when the database fails it', async (code) => {
    const request = await goodRequest();
    const inside = await send(broken.inside.url, wire(route, inBroken(route, request), broken.inside));
    // Some read nothing but who calls, or are told it in their body.
    const answer = inside.status < 500 ? await send(broken.whole.url, wire(route, request, broken.whole)) : inside;
    const error = expectRefusal(answer, wording(route, code), request);
    expect(error).toEqual({
      code,
      message: expect.any(String),
      payload: { id: answer.headers['x-request-id'] },
      request_id: expect.any(String),
    });
  });

  test.each(route.problems)('answers %s', async (code) => {
    const before = world.log.length;
    const request = await prepare(own[code]);
    expectRefusal(await ask(route, request), wording(route, code), request);
    expect(world.log.slice(before).filter((line) => line.includes('missing in the contract'))).toEqual([]);
  });

  test.each(route.accepted ? ['accepted'] : [])('answers 202 when %s', async (answer) => {
    const incoming = await ask(route, await prepare(own[answer]));
    expectSuccess(incoming, { ...route, status: 202, ...(route.accepted ? { answer: route.accepted } : {}) });
  });

  test.each(succeeds(route) ? ['success'] : [])('answers %s', async () => expectSuccess(await ask(route, await goodRequest()), route));
});

test('nothing that was answered was missing in the contract', () => {
  expect(world.log.filter((line) => line.includes('missing in the contract') || line.includes('failed unexpectedly'))).toEqual([]);
});

/** The keys and sessions of one platform are unknown to another. */
function inBroken(route: Route, request: Request & { query?: object }): Request {
  if (route.caller === 'connectSession' || route.caller === 'connectSessionOrExpired') return { ...request, token: broken.session() };
  if (route.caller !== 'connectSessionInQuery') return request;
  const query = { ...request.query, connect_session_token: broken.session() };
  return { ...request, ...{ query } };
}

/** The answer is what its schema lists and nothing else, unless the schema says that it may grow. */
function expectSuccess({ status, headers, text }: Incoming, { status: wanted = 200, answer: schema }: Route): void {
  expect(status, text).toBe(wanted);
  if (wanted === 204 || schema instanceof z.ZodUndefined) expect(text).toBe('');
  else expect(headers['content-type'], text).toMatch(/^application\/json/);
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  expect(schema.parse(body)).toEqual(body);
  expectNoGiveaway(text, text);
}
