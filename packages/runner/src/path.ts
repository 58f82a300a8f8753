/**
 * Reading and writing nested fields by a dotted path. A path that is itself a key wins over its parts: `@odata.nextLink` is one key, not two.
 */

export function getPath(value: unknown, path: string): unknown {
  if (isObject(value) && Object.hasOwn(value, path)) return value[path];
  let here = value;
  for (const part of parts(path)) {
    if (!isObject(here)) return undefined;
    here = here[part];
  }
  return here;
}

/** Sets in place, making objects on the way (arrays where the next part is a number). */
export function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const names = parts(path);
  const last = names.pop();
  if (last === undefined) return;
  let here = target;
  names.forEach((name, index) => {
    const next = Object.hasOwn(here, name) ? here[name] : undefined;
    if (isObject(next)) {
      here = next;
      return;
    }
    const made: unknown = /^\d+$/.test(names[index + 1] ?? last) ? [] : {};
    define(here, name, made);
    if (isObject(made)) here = made;
  });
  define(here, last, value);
}

function parts(path: string): string[] {
  return path
    .replaceAll(/\[(?:["']?)([^\]"']+)(?:["']?)\]/g, '.$1')
    .split('.')
    .filter((part) => part !== '');
}

function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
