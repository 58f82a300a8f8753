/** Merges bursts: the first call passes at once, those of the following `everyMs` become one at its end. */

export type Coalesced<Value> = {
  /** @param name what is merged with its like */
  push(name: string, value: Value): void;
  /** Drops what still waits. */
  stop(): void;
};

/**
 * @param emit called with a value, or with what `merge` made of several
 * @param merge of a value that waits and the next one
 */
export function coalesce<Value>(
  everyMs: number,
  emit: (value: Value) => void,
  merge: (waiting: Value, next: Value) => Value,
): Coalesced<Value> {
  const open = new Map<string, { timer: NodeJS.Timeout; waiting: Value[] }>();

  function pass(name: string, value: Value): void {
    const timer = setTimeout(() => {
      const [next] = open.get(name)?.waiting ?? [];
      open.delete(name);
      if (next !== undefined) pass(name, next);
    }, everyMs).unref();
    open.set(name, { timer, waiting: [] });
    emit(value);
  }

  return {
    push(name, value) {
      const window = open.get(name);
      if (!window) return pass(name, value);
      const [waiting] = window.waiting;
      window.waiting = [waiting === undefined ? value : merge(waiting, value)];
    },
    stop() {
      for (const { timer } of open.values()) clearTimeout(timer);
      open.clear();
    },
  };
}
