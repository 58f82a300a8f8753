/** Values that flags give: JSON, `@file.json`, or a plain text where one makes sense. A mistake names its flag. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkpointShape } from '@bowline/api/calls';
import { exitCodes, Failure } from '../failure.ts';

export type Flags = {
  input?: string | undefined;
  payload?: string | undefined;
  metadata?: string | undefined;
  checkpoint?: string | undefined;
  lastSyncDate?: string | undefined;
};
export type Values = {
  input?: unknown;
  payload?: unknown;
  metadata?: Record<string, unknown>;
  checkpoint?: Record<string, string | number | boolean>;
  /** ISO */
  lastSyncDate?: string;
};

/** @param cwd where `@file.json` is looked for: where the command was called */
export function readValues(flags: Flags, cwd: string): Values {
  const { input, payload, metadata, checkpoint, lastSyncDate } = flags;
  return {
    ...(input === undefined ? {} : { input: readValue('--input', input, cwd, true) }),
    ...(payload === undefined ? {} : { payload: readValue('--payload', payload, cwd, true) }),
    ...(metadata === undefined ? {} : { metadata: readObject('--metadata', metadata, cwd) }),
    ...(checkpoint === undefined ? {} : { checkpoint: readCheckpoint(checkpoint, cwd) }),
    ...(lastSyncDate === undefined ? {} : { lastSyncDate: readDate('--lastSyncDate', lastSyncDate) }),
  };
}

function readValue(flag: string, given: string, cwd: string, plain: boolean): unknown {
  const text = given.startsWith('@') ? readGiven(flag, resolve(cwd, given.slice(1))) : given;
  try {
    return JSON.parse(text);
  } catch (error) {
    // What looks like JSON was meant as JSON.
    if (plain && !given.startsWith('@') && !/^\s*["{[]/.test(text)) return text;
    const where = given.startsWith('@') ? ` ${given.slice(1)}` : '';
    throw wrong(`${flag}${where} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function readGiven(flag: string, path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  throw wrong(`${flag}: there is no file ${path}. A text that begins with @ is written as JSON: ${flag} '"@text"'.`);
}

function readObject(flag: string, given: string, cwd: string): Record<string, unknown> {
  const value = readValue(flag, given, cwd, false);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrong(`${flag} is to be a JSON object, such as '{"team":"T1"}'.`);
}

function readCheckpoint(given: string, cwd: string): Record<string, string | number | boolean> {
  const parsed = checkpointShape.safeParse(readObject('--checkpoint', given, cwd));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw wrong(`--checkpoint: ${where}${issue?.message}. A checkpoint is flat: up to 16 fields, each a text, a number or a boolean.`);
}

/** A day or a moment of ISO 8601; `new Date` alone takes nearly anything. */
export function readDate(flag: string, given: string): string {
  const isDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(given);
  const date = new Date(given);
  if (isDate && !Number.isNaN(date.getTime())) return date.toISOString();
  throw wrong(`${flag} "${given}" is no date. Write 2026-01-31 or 2026-01-31T08:00:00Z.`);
}

const wrong = (message: string): Failure => new Failure(exitCodes.usage, message);
