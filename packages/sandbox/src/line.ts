/** Callers that wait, by key: keys take turns, so that a thousand callers of one do not stand before the first of another; callers of one key keep their order. */
export class Line<T extends { readonly key: string }> {
  /** In order of turns. */
  private readonly waiting = new Map<string, T[]>();

  get size(): number {
    let size = 0;
    for (const callers of this.waiting.values()) size += callers.length;
    return size;
  }

  count(key: string): number {
    return this.waiting.get(key)?.length ?? 0;
  }

  add(one: T): void {
    const callers = this.waiting.get(one.key);
    if (callers === undefined) this.waiting.set(one.key, [one]);
    else callers.push(one);
  }

  /** The first caller of each key, whose turn it is first. */
  heads(): T[] {
    return [...this.waiting.values()].flatMap((callers) => callers.slice(0, 1));
  }

  all(): T[] {
    return [...this.waiting.values()].flat();
  }

  /** Takes a caller out; its key goes to the end of the turns. False when it no longer waits. */
  take(one: T): boolean {
    const callers = this.waiting.get(one.key);
    const at = callers?.indexOf(one) ?? -1;
    if (callers === undefined || at < 0) return false;
    callers.splice(at, 1);
    this.waiting.delete(one.key);
    if (callers.length > 0) this.waiting.set(one.key, callers);
    return true;
  }
}
