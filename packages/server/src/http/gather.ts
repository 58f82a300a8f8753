/**
 * Gathers questions asked at about the same time into one: while an answer is under way, those that come wait and are asked together.
 * No answer is from before its question, so nothing is ever stale, unlike in a cache. Under load it makes few statements of many;
 * a lone question goes out at once.
 */

/** Small enough that one crowd's statement stays short. */
const CROWD_MAX = 200;

type Asked<Key, Value> = {
  readonly key: Key;
  readonly answer: Promise<Value>;
  readonly settle: { resolve(value: Value): void; reject(error: unknown): void };
};

/**
 * @param askMany answers for each key, in order
 * @param nameOf what is the same question has the same name, and gets the very same answer
 */
export function gather<Key, Value>(
  askMany: (keys: readonly Key[]) => Promise<readonly Value[]>,
  nameOf: (key: Key) => string,
): (key: Key) => Promise<Value> {
  const waiting = new Map<string, Asked<Key, Value>>();
  let busy = false;

  async function work(): Promise<void> {
    while (waiting.size > 0) {
      const crowd = [...waiting].slice(0, CROWD_MAX);
      for (const [name] of crowd) waiting.delete(name);
      await answer(crowd.map(([, asked]) => asked));
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
      setImmediate(work); // what arrived in this turn of the event loop goes along
    }
    return asked.answer;
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
