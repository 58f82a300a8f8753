/** Callers that wait, by key: keys take turns, so that a thousand callers of one do not stand before the first of another; callers of one key keep their order. */
import { Tally } from './tally.ts';

export class Line<T extends { readonly owner: string; readonly key: string }> {
  /** In order of turns. */
  private readonly waiting = new Map<string, T[]>();
  private readonly owners = new Tally();

  get size(): number {
    let size = 0;
    for (const callers of this.waiting.values()) size += callers.length;
    return size;
  }

  /** Of an owner. */
  count(owner: string): number {
    return this.owners.of(owner);
  }

  add(one: T): void {
    this.owners.add(one.owner, 1);
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
    this.owners.add(one.owner, -1);
    this.waiting.delete(one.key);
    if (callers.length > 0) this.waiting.set(one.key, callers);
    return true;
  }
}
