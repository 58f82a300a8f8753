/**
 * Gathers questions asked at about the same time into one: while an answer is under way, those that come wait and are asked together.
 * No answer is from before its question, so nothing is ever stale, unlike in a cache. Under load it makes few statements of many;
 * a lone question goes out at once. Where an answer takes long, those that come after it go without it: one that hangs must not hang all.
 */

import type { RawBuilder } from 'kysely';
import { many, prepared } from '../base/database.ts';
import type { Database } from '../base/world.ts';

/** Small enough that one crowd's statement stays short. */
const CROWD_MAX = 200;
/** So long the next crowd waits for the one before. */
const PATIENCE_MS = 1_000;

type Asked<Key, Value> = {
  readonly key: Key;
  readonly answer: Promise<Value>;
  readonly settle: { resolve(value: Value): void; reject(error: unknown): void };
};

/**
 * @param askMany answers for each key, in order
 * @param nameOf what is the same question has the same name, and gets the very same answer
 * @param lingerMs they wait so long for others, unless the last one was alone: for what nobody waits for
 */
export function gather<Key, Value>(
  askMany: (keys: readonly Key[]) => Promise<readonly Value[]>,
  nameOf: (key: Key) => string,
  lingerMs = 0,
): (key: Key) => Promise<Value> {
  const waiting = new Map<string, Asked<Key, Value>>();
  let busy = false;
  let last = 0;

  async function work(): Promise<void> {
    while (waiting.size > 0) {
      if (lingerMs > 0 && last > 1) await new Promise((resolve) => setTimeout(resolve, lingerMs));
      const crowd = [...waiting].slice(0, CROWD_MAX);
      for (const [name] of crowd) waiting.delete(name);
      last = crowd.length;
      await orPatience(answer(crowd.map(([, asked]) => asked)));
    }
    busy = false;
  }

  async function answer(crowd: readonly Asked<Key, Value>[]): Promise<void> {
    try {
      const values = await askMany(crowd.map(({ key }) => key));
      // The key's place is the answer's: askMany answers for each.
      for (const [place, { settle }] of crowd.entries()) settle.resolve(values[place] as Value);
    } catch (error) {
      const [alone] = crowd;
      if (crowd.length === 1) return alone?.settle.reject(error);
      for (const one of crowd) await answer([one]); // one question that cannot be asked must not fail the others
    }
  }

  return (key) => {
    const name = nameOf(key);
    const asked = waiting.get(name) ?? ask<Key, Value>(key);
    waiting.set(name, asked);
    if (!busy) {
      busy = true;
      // What arrives in this turn of the event loop goes along.
      setImmediate(work);
    }
    return asked.answer;
  };
}

async function orPatience(answered: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([answered, patience]);
  clearTimeout(timer);
}

/**
 * Rows looked up by key: in a transaction each alone, else together with those that others of the same database ask for at about the same time.
 * @param statementOf answers a row for each key that has one, with its place among those `wanted` (`wanted.ts`). It is prepared, so keys are its parameters
 */
export function gathered<Key, Row>(
  statementOf: (keys: readonly Key[]) => RawBuilder<Row & { readonly place: number }>,
  nameOf: (key: Key) => string,
): (db: Database, key: Key) => Promise<Row | undefined> {
  const askAll = async (db: Database, keys: readonly Key[]): Promise<(Row | undefined)[]> => {
    const rows = await many(db, prepared(statementOf(keys)));
    const found = new Map(rows.map(({ place, ...row }) => [place, row as Row])); // what is left is a Row
    return keys.map((_, index) => found.get(index + 1));
  };
  /** For each database, since it is what the calls share. */
  const together = new WeakMap<Database, (key: Key) => Promise<Row | undefined>>();
  return async (db, key) => {
    if (db.isTransaction) return (await askAll(db, [key]))[0];
    const known = together.get(db) ?? gather((keys) => askAll(db, keys), nameOf);
    together.set(db, known);
    return known(key);
  };
}

function ask<Key, Value>(key: Key): Asked<Key, Value> {
  let settle: Asked<Key, Value>['settle'] | undefined;
  const answer = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error('a promise runs its executor at once');
  return { key, answer, settle };
}
