/**
 * The doors through which authored code can change or start something that no comparison of objects shows: `import()`, `eval`, WebAssembly,
 * waiting on memory, finalizers. They stay open; who uses one is noted, and that realm is thrown away after the run.
 */

const { apply, construct } = Reflect;
const { test } = RegExp.prototype;
const text = String;
/** `import(`, also with space or a comment between, and `import.defer(`. Finding one too many costs a realm, missing one a guarantee. */
const importing = /\bimport\s*[(./<-]/;

export function mayImport(code: string): boolean {
  return apply(test, importing, [code]);
}

/** Calls `used` when authored code goes through a door. Code given as text is only a door when it could import. */
export function watchHatches(used: () => void): void {
  guardCode(used);
  guardGlobal('eval', used);
  guardGlobal('WebAssembly', used);
  for (const name of ['FinalizationRegistry', 'PerformanceObserver']) guardConstructor(name, used);
  guardMethods(Atomics, ['waitAsync'], () => true, used);
}

/** Replaces the methods with ones that note when `when` holds for their arguments, and then do the same as before. */
export function guardMethods(owner: object, names: string[], when: (given: unknown[]) => boolean, used: () => void): void {
  for (const name of names) {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    const method: unknown = own?.value;
    if (own === undefined || own.configurable !== true || typeof method !== 'function') continue;
    const { [name]: guarded } = {
      [name](this: unknown, ...given: unknown[]): unknown {
        if (when(given)) used();
        return apply(method, this, given);
      },
    };
    Object.defineProperty(owner, name, { ...own, value: guarded });
  }
}

/** The four constructors that make functions of text; each is also found on the prototype of its functions. */
function guardCode(used: () => void): void {
  const samples = [() => undefined, async () => undefined, function* () {}, async function* () {}];
  for (const sample of samples) {
    const prototype: object = Object.getPrototypeOf(sample);
    const make: unknown = Reflect.get(prototype, 'constructor');
    if (typeof make !== 'function') continue;
    const read = (given: unknown[]) => {
      // Made texts once: an object could answer differently when it is asked again.
      const texts: string[] = [];
      for (let index = 0; index < given.length; index++) {
        const part = text(given[index]);
        texts[index] = part;
        if (mayImport(part)) used();
      }
      return texts;
    };
    const guarded = new Proxy(make, {
      apply: (target, self, given) => apply(target, self, read(given)),
      construct: (target, given, made) => construct(target, read(given), made),
    });
    Object.defineProperty(prototype, 'constructor', { value: guarded });
    if (make === Function) Object.defineProperty(globalThis, 'Function', { value: guarded });
  }
}

/** A getter keeps a direct `eval` direct. */
function guardGlobal(name: string, used: () => void): void {
  const value: unknown = Reflect.get(globalThis, name);
  if (value === undefined) return;
  const get = () => {
    used();
    return value;
  };
  const set = (other: unknown) => Object.defineProperty(globalThis, name, { value: other, writable: true, configurable: true });
  Object.defineProperty(globalThis, name, { get, set, configurable: true, enumerable: false });
}

function guardConstructor(name: string, used: () => void): void {
  const make: unknown = Reflect.get(globalThis, name);
  if (typeof make !== 'function') return;
  const guarded = new Proxy(make, {
    construct(target, given, made) {
      used();
      return construct(target, given, made);
    },
  });
  Object.defineProperty(globalThis, name, { value: guarded, writable: true, configurable: true, enumerable: false });
  Object.defineProperty(Reflect.get(make, 'prototype'), 'constructor', { value: guarded });
}
