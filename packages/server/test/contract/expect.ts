/** What holds of every answer: its envelope, its type, its request id, and that it gives nothing away. */
import { type ProblemCode, problems } from '@bowline/api/problems';
import { expect } from 'vitest';
import type { Json } from '../platform.ts';
import type { Incoming } from './send.ts';

export type Refusal = { code: ProblemCode; status: number };

const FIELDS = new Set(['code', 'message', 'payload', 'errors', 'upstream', 'request_id', 'method', 'path']);
/** Frames of a stack, paths of ours, and statements. Places in a source that was sent to be compiled are told as `function.ts:1`. */
const GIVEAWAY =
  /\n\s+at |node_modules|\/packages\/(server|api|runner)\/|(?<!\bfunction)\.ts:\d+|\b(select|insert into|update|delete from)\b[^"]{0,200}\b(from|set|values|where)\b|relation \\?"|violates|syntax error at|Cannot use a pool/i;

/** @returns the parsed body */
export function expectRefusal(answer: Incoming, { code, status }: Refusal, about: unknown): Json {
  const error = expectEnvelope(answer, about);
  expect({ status: answer.status, code: error.code }, `${JSON.stringify(about)?.slice(0, 500)}: ${answer.text.slice(0, 500)}`).toEqual({
    status,
    code,
  });
  return error;
}

/** @returns the error in it */
export function expectEnvelope({ headers, text }: Incoming, about: unknown): Json {
  const label = `${JSON.stringify(about)?.slice(0, 500)}: ${text.slice(0, 500)}`;
  expect(headers['content-type'], label).toBe('application/json; charset=utf-8');
  expect(headers['x-request-id'], label).toMatch(/^[0-9a-f-]{36}$/);
  const { error, ...rest } = JSON.parse(text);
  expect(rest, label).toEqual({});
  expect(Object.keys(problems), label).toContain(error?.code);
  expect(
    Object.keys(error).filter((field) => !FIELDS.has(field)),
    label,
  ).toEqual([]);
  expect(error.request_id, label).toBe(headers['x-request-id']);
  expect(error.message, label).toMatch(/\S/);
  for (const { line, column, ...issue } of error.errors ?? []) {
    for (const place of [line, column]) expect(place === undefined || (Number.isInteger(place) && place > 0), label).toBe(true);
    expect(issue, label).toEqual({
      code: expect.stringMatching(/^[a-z_]+$/),
      message: expect.stringMatching(/\S/),
      path: expect.any(Array),
    });
    expect(
      issue.path.every((part: unknown) => typeof part === 'string'),
      label,
    ).toBe(true);
  }
  expectNoGiveaway(text, label);
  return error;
}

export function expectNoGiveaway(text: string, label: string): void {
  expect(GIVEAWAY.exec(text)?.[0], label).toBeUndefined();
}
