/**
 * Takes secrets out of a draft: each gets a stand-in of its own, and the same stand-in wherever it appears, also as part of a text, encoded for
 * a URL or as base64. A replayed function that got the stand-in in an answer so sends the stand-in in its requests. Pure.
 */
import { secretShapes } from '@bowline/compile/secrets';
import type { Draft } from './draft.ts';
import { isSecretName, secretParameters } from './secrets.ts';

export type Redacted = {
  draft: Draft;
  /** How many values have a stand-in now. */
  replaced: number;
  /** Those that were looked for. */
  secrets: readonly string[];
};

/** @param known what grants access, to be looked for though the function did not ask for it */
export function redact(draft: Draft, known?: unknown): Redacted {
  const secrets = new Secrets();
  collectCredentials(known, secrets);
  for (const { request, headers } of draft.exchanges) {
    collectHeaders(request.headers ?? {}, secrets);
    collectHeaders(headers, secrets);
    if (typeof request.params === 'object') collect(request.params, secrets);
  }
  collectCredentials(draft.connection?.credentials, secrets);
  if (typeof draft.token === 'string') secrets.add(draft.token, 'token');
  else collectCredentials(draft.token, secrets);
  for (const { name, value } of draft.variables ?? []) if (isSecretName(name) || looksMade(value)) secrets.add(value, name);
  collect(draft, secrets);
  const variables = draft.variables?.map(({ name, value }) => ({
    name,
    value: secrets.replace(value, isSecretName(name) ? name : undefined),
  }));
  // What names the run is no secret, even where a user name is the same word.
  const { kind, clock, connectionId, provider, variant } = draft;
  const clean = { ...replaced(draft, secrets), kind, clock, connectionId, provider, variant };
  return {
    draft: { ...clean, ...(variables ? { variables } : {}) },
    replaced: secrets.used.size,
    secrets: secrets.values(),
  };
}

/** A text of this length that is a secret somewhere is one wherever it stands alone; a shorter one may be any word. */
const wholeMin = 6;
/** From this length on a secret is also looked for inside of texts. */
const insideMin = 8;

class Secrets {
  private readonly standIns = new Map<string, string>();
  private everywhere: [string, string, string][] | undefined;
  readonly used = new Set<string>();

  values(): string[] {
    return [...this.standIns.keys()];
  }

  add(value: string, name: string): void {
    if (value === '' || this.standIns.has(value) || /^(?:redacted_|true$|false$|null$)/.test(value)) return;
    const plain = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_|_$/g, '');
    this.standIns.set(value, `redacted_${plain || 'value'}_${this.standIns.size + 1}`);
    this.everywhere = undefined;
  }

  /** @param name of where the text stands */
  replace(text: string, name: string | undefined): string {
    const whole = this.standIns.get(text);
    if (whole !== undefined && (text.length >= wholeMin || (name !== undefined && isSecretName(name)))) {
      this.used.add(text);
      return whole;
    }
    return this.pairs().reduce((result, [value, by, secret]) => {
      if (!result.includes(value)) return result;
      this.used.add(secret);
      return result.replaceAll(value, by);
    }, text);
  }

  /** Longer ones first, for one may hold another. */
  private pairs(): [string, string, string][] {
    this.everywhere ??= [...this.standIns]
      .filter(([value]) => looksMade(value))
      .sort(([a], [b]) => b.length - a.length)
      .flatMap(([value, by]): [string, string, string][] => [
        [value, by, value],
        [encodeURIComponent(value), by, value],
        [Buffer.from(value).toString('base64'), Buffer.from(by).toString('base64'), value],
      ]);
    return this.everywhere;
  }
}

/** A word of a language is replaced only in its place; what a machine made is replaced wherever it stands. */
const looksMade = (value: string): boolean =>
  value.length >= insideMin && (/\s/.test(value) ? value.startsWith('-----BEGIN') : /\d/.test(value) || value.length >= 20);

function collectHeaders(headers: Readonly<Record<string, unknown>>, secrets: Secrets): void {
  for (const [name, given] of Object.entries(headers)) {
    if (!isSecretName(name)) continue;
    for (const value of [given].flat()) {
      const [, scheme = '', rest = ''] = /^(\w+)\s+(\S+)$/.exec(String(value)) ?? [];
      if (scheme.toLowerCase() === 'basic')
        for (const part of Buffer.from(rest, 'base64').toString('utf8').split(':')) addMade(part, name, secrets);
      secrets.add(rest || String(value), name);
    }
  }
}

const addMade = (value: string, name: string, secrets: Secrets): void => {
  if (looksMade(value)) secrets.add(value, name);
};

/** Whatever grants access, but for what says of which kind it is and how long it lasts. */
function collectCredentials(value: unknown, secrets: Secrets, name = 'credential'): void {
  if (typeof value === 'string' && !isHarmless(name)) secrets.add(value, name);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) collectCredentials(inner, secrets, key);
}

const isHarmless = (name: string): boolean => /^(?:type|token_type|scopes?|.*expires?.*|.*_at)$/i.test(name);

function collect(value: unknown, secrets: Secrets, name?: string): void {
  if (typeof value === 'string') {
    // With spaces it is for people: the signature of a letter, a hint.
    if (name !== undefined && isSecretName(name) && !/\s/.test(value)) secrets.add(value, name);
    for (const found of secretShapes(value)) secrets.add(found, name !== undefined && isSecretName(name) ? name : 'token');
    for (const [parameter, written] of secretParameters(value)) secrets.add(decoded(written), parameter);
  } else if (value instanceof Uint8Array) return;
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) collect(inner, secrets, Array.isArray(value) ? name : key);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function replaced<T>(value: T, secrets: Secrets): T {
  return replacedIn(value, secrets, undefined, false) as T; // only texts change, each by another text
}

function replacedIn(value: unknown, secrets: Secrets, name: string | undefined, inCredentials: boolean): unknown {
  if (typeof value === 'string') {
    // Parameters of a text: as they are written, in their place.
    const text = secretParameters(value).reduce(
      (result, [parameter, written]) =>
        result.replaceAll(`${parameter}=${written}`, `${parameter}=${secrets.replace(decoded(written), parameter)}`),
      value,
    );
    return secrets.replace(text, inCredentials && !isHarmless(name ?? '') ? 'credential' : name);
  }
  if (value instanceof Uint8Array) {
    // As Latin-1 each byte is one character, so nothing else changes.
    return Buffer.from(secrets.replace(Buffer.from(value).toString('latin1'), undefined), 'latin1');
  }
  if (Array.isArray(value)) return value.map((inner) => replacedIn(inner, secrets, name, inCredentials));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      replacedIn(inner, secrets, key, inCredentials || key === 'credentials' || key === 'token'),
    ]),
  );
}
