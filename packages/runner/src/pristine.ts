/**
 * What a realm looks like before any authored code has run in it, and whether it still does: every object reachable from the global object and
 * from what `require` hands out, with its keys, values, getters, setters, flags, prototype, extensibility and the entries of its maps and sets.
 * Builtin methods are frozen instead of compared (nobody inherits from a method, so no published code trips over it), which leaves less than
 * half of the objects to look at; of these, what can never change again is not looked at. Uses nothing that authored code can replace.
 */

type Kind = 'map' | 'set';
type Seen = {
  target: object;
  prototype: object | null;
  extensible: boolean;
  /** How many keys it has, those that are fixed included. */
  count: number;
  /** Those that can change, and of each its value or getter, its setter, its flags. */
  keys: (string | symbol)[];
  values: unknown[];
  setters: unknown[];
  flags: number[];
  /** Maps and sets also have entries. */
  kind: Kind | undefined;
  entries: unknown[];
};

const { apply, defineProperty, ownKeys, getOwnPropertyDescriptor, getPrototypeOf, isExtensible } = Reflect;
const { freeze, is, isFrozen } = Object;
const forEachOf = { map: Map.prototype.forEach, set: Set.prototype.forEach };
const sizeOf = { map: getterOf(Map.prototype, 'size'), set: getterOf(Set.prototype, 'size') };

export class Pristine {
  private readonly seen: Seen[] = [];
  private readonly known = new Set<unknown>();

  /** Takes in everything reachable from `root`. Call before authored code can have touched it. */
  watch(root: unknown): void {
    const open: unknown[] = [root];
    while (open.length > 0) {
      const target = open.pop();
      if (!isObject(target) || this.known.has(target)) continue;
      this.known.add(target);
      if (typeof target === 'function' && isMethod(target)) {
        const prototype: unknown = getOwnPropertyDescriptor(target, 'prototype')?.value;
        if (isObject(prototype)) freeze(prototype);
        freeze(target);
        open.push(getPrototypeOf(target), prototype);
        continue;
      }
      if (typeof target === 'function') fixWords(target);
      const found = look(target);
      if (found === undefined) continue;
      const { seen, leads } = found;
      // What is frozen stays as it is: only what it leads to can change.
      if (seen.kind !== undefined || !isFrozen(target)) this.seen.push(seen);
      open.push(seen.prototype, ...leads, ...seen.entries);
    }
  }

  /** False when anything differs, in whatever way. The order of keys is nobody's state: Deno itself defines some anew when it likes. */
  intact(): boolean {
    for (let index = 0; index < this.seen.length; index++) {
      const seen = this.seen[index];
      if (seen === undefined || !unchanged(seen)) return false;
    }
    return true;
  }
}

/** Undefined for what cannot be looked into: proxies that refuse. */
function look(target: object): { seen: Seen; leads: unknown[] } | undefined {
  try {
    const all = ownKeys(target);
    const leads: unknown[] = [];
    const kind = kindOf(target);
    const seen: Seen = {
      target,
      prototype: getPrototypeOf(target),
      extensible: isExtensible(target),
      count: all.length,
      keys: [],
      values: [],
      setters: [],
      flags: [],
      kind,
      entries: kind === undefined ? [] : entriesOf(target, kind),
    };
    for (const key of all) {
      const one = getOwnPropertyDescriptor(target, key) ?? {};
      leads.push(one.get ?? one.value, one.set);
      if (isFixed(one)) continue;
      seen.keys.push(key);
      seen.values.push(one.get ?? one.value);
      seen.setters.push(one.set);
      seen.flags.push(flagsOf(one));
    }
    return { seen, leads };
  } catch {
    return undefined;
  }
}

function unchanged({ target, prototype, extensible, count, keys, values, setters, flags, kind, entries }: Seen): boolean {
  // What cannot get keys keeps its prototype too.
  if (extensible && (ownKeys(target).length !== count || getPrototypeOf(target) !== prototype || !isExtensible(target))) return false;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const one = key === undefined ? undefined : getOwnPropertyDescriptor(target, key);
    if (one === undefined || flagsOf(one) !== flags[index]) return false;
    if (!is(one.get ?? one.value, values[index]) || one.set !== setters[index]) return false;
  }
  return kind === undefined || sameEntries(entriesOf(target, kind), entries);
}

function flagsOf(one: PropertyDescriptor): number {
  return (one.writable ? 1 : 0) + (one.enumerable ? 2 : 0) + (one.configurable ? 4 : 0) + (one.get === undefined ? 0 : 8);
}

/** Whatever code does, it stays as it is: neither its value nor its flags can be changed, and it cannot be removed. */
function isFixed({ configurable, writable, get, set }: PropertyDescriptor): boolean {
  return configurable === false && (writable === false || get !== undefined || set !== undefined);
}

/** The name and the length of a constructor, which can be redefined but not assigned: nobody does, and they are a fifth of all that can change. */
function fixWords(target: object): void {
  for (const key of ['name', 'length'] as const) {
    const one = getOwnPropertyDescriptor(target, key);
    if (one?.configurable === true && one.writable === false) defineProperty(target, key, { configurable: false });
  }
}

/**
 * What cannot be constructed has only its name and length; constructors are inherited from and stay as they are. Some of Deno's methods are written as
 * functions that could be constructed: unlike those of classes their `prototype` can be replaced, and nothing is in it.
 */
function isMethod(target: object): boolean {
  const keys = ownKeys(target);
  if (keys.length > 3 || !keys.every((key) => key === 'length' || key === 'name' || key === 'prototype')) return false;
  const prototype = getOwnPropertyDescriptor(target, 'prototype');
  return (
    prototype === undefined ||
    (prototype.writable === true && isObject(prototype.value) && ownKeys(prototype.value).every((key) => key === 'constructor'))
  );
}

function entriesOf(target: object, kind: Kind): unknown[] {
  const entries: unknown[] = [];
  const take = (value: unknown, key: unknown) => {
    entries[entries.length] = key;
    entries[entries.length] = value;
  };
  apply(forEachOf[kind], target, [take]);
  return entries;
}

function sameEntries(now: unknown[], before: unknown[]): boolean {
  if (now.length !== before.length) return false;
  for (let index = 0; index < now.length; index++) if (!is(now[index], before[index])) return false;
  return true;
}

/** By internal slot: the getter of the size answers for nothing else. Tried only where it can succeed, as throwing costs 10 µs. */
function kindOf(target: object): Kind | undefined {
  const kind = target instanceof Map ? 'map' : target instanceof Set ? 'set' : undefined;
  if (kind === undefined) return undefined;
  try {
    apply(sizeOf[kind], target, []);
    return kind;
  } catch {
    return undefined;
  }
}

function getterOf(prototype: object, key: string): () => unknown {
  const get = getOwnPropertyDescriptor(prototype, key)?.get;
  if (get === undefined) throw new Error(`There is no getter for ${key}.`);
  return get;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
