/** Keys that a vendor publishes are asked for once, kept as long as it says, and still count while it cannot be reached. */
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { publishedKeys } from '../../src/webhooks-in/public-keys.ts';

const URL_OF_KEYS = 'https://vendor.test/certs';

/** Another World: its network answers what the test says. */
function worldWith(answer: () => { status: number; body: string; age?: number }) {
  let now = Date.parse('2026-03-01T12:00:00Z');
  let asked = 0;
  const outbound = {
    request: async (url: string | URL) => {
      asked += 1;
      const { status, body, age = 0 } = answer();
      return { status, headers: { 'cache-control': `public, max-age=${age}` }, body: Readable.from([Buffer.from(body)]), url: String(url) };
    },
  };
  return {
    world: { outbound: outbound as never, clock: { now: () => new Date(now) }, log: pino({ level: 'silent' }) },
    asked: () => asked,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('many who ask at once ask once, and again when the keys are as old as the vendor said', async () => {
  let n = 0;
  const { world, asked, pass } = worldWith(() => ({ status: 200, body: JSON.stringify({ keys: [{ kid: String(++n) }] }), age: 600 }));
  const answers = await Promise.all(Array.from({ length: 20 }, () => publishedKeys(world, URL_OF_KEYS)));
  expect(new Set(answers.flat())).toEqual(new Set(['{"keys":[{"kid":"1"}]}']));
  pass(599_000);
  await publishedKeys(world, URL_OF_KEYS);
  expect(asked()).toBe(1);
  pass(2_000);
  expect(await publishedKeys(world, URL_OF_KEYS)).toEqual(['{"keys":[{"kid":"2"}]}']);
});

test('a vendor that fails, or answers something else, leaves those that were known, and is asked again a minute later', async () => {
  let answer = { status: 200, body: '{"keys":[]}', age: 60 };
  const { world, asked, pass } = worldWith(() => answer);
  expect(await publishedKeys(world, URL_OF_KEYS)).toEqual(['{"keys":[]}']);
  for (const [count, next] of [
    { status: 500, body: '' },
    { status: 200, body: '<html>' },
    { status: 200, body: '{}' },
  ].entries()) {
    answer = { ...next, age: 60 };
    pass(61_000);
    expect(await publishedKeys(world, URL_OF_KEYS)).toEqual(['{"keys":[]}']);
    await publishedKeys(world, URL_OF_KEYS);
    expect(asked()).toBe(count + 2);
  }
});

test('without any there are none, and nothing is thrown', async () => {
  const { world } = worldWith(() => ({ status: 404, body: '' }));
  expect(await publishedKeys(world, URL_OF_KEYS)).toEqual([]);
});
