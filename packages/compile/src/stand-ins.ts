/**
 * Takes secrets out of what is kept of a run: each gets a stand-in of its own, and the same stand-in wherever it appears, also as part of a
 * text, encoded for a URL or as base64. A function that is played again and got the stand-in in an answer so sends the stand-in in its requests.
 */
import { isSecretName, replaceNamed, secretParameters } from './secret-names.ts';
import { secretShapes } from './secrets.ts';

/** A text of this length that is a secret somewhere is one wherever it stands alone; a shorter one may be any word. */
const wholeMin = 6;
/** From this length on a secret is also looked for inside of texts. */
const insideMin = 8;

/** What stands for a secret: `redacted_access_token_3`. */
export const isStandIn = (value: unknown): boolean => typeof value === 'string' && /^redacted_\w+_\d+$/.test(value);

export class StandIns {
  private readonly standIns = new Map<string, string>();
  private everywhere: [string, string, string][] | undefined;
  private readonly isSecret: (name: string) => boolean;
  private readonly isSecretParameter: (name: string) => boolean;
  readonly used = new Set<string>();
  /** How often something was replaced, to tell whether a value still is what it was. */
  replacements = 0;

  /**
   * @param isSecret whether what stands under a name is a secret
   * @param isSecretParameter the same of a header or a parameter of an address, where `key` is no everyday word
   */
  constructor(isSecret: (name: string) => boolean = isSecretName, isSecretParameter = isSecret) {
    this.isSecret = isSecret;
    this.isSecretParameter = isSecretParameter;
  }

  get size(): number {
    return this.standIns.size;
  }

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

  collectHeaders(headers: Readonly<Record<string, unknown>>): void {
    for (const [name, given] of Object.entries(headers)) {
      if (!this.isSecretParameter(name)) continue;
      for (const value of [given].flat()) {
        const [, scheme = '', rest = ''] = /^(\w+)\s+(\S+)$/.exec(String(value)) ?? [];
        if (scheme.toLowerCase() === 'basic')
          for (const part of Buffer.from(rest, 'base64').toString('utf8').split(':')) this.addMade(part, name);
        this.add(rest || String(value), name);
      }
    }
  }

  addMade(value: string, name: string): void {
    if (looksMade(value)) this.add(value, name);
  }

  /** Whatever grants access, but for what says of which kind it is and how long it lasts. */
  collectCredentials(value: unknown, name = 'credential'): void {
    if (typeof value === 'string' && !isHarmless(name)) this.add(value, name);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) this.collectCredentials(inner, key);
  }

  /** What is a secret by its name, by its shape, or as a parameter in a text. */
  collect(value: unknown, name?: string): void {
    if (typeof value === 'string') {
      // With spaces it is for people: the signature of a letter, a hint.
      if (name !== undefined && this.isSecret(name) && !/\s/.test(value)) this.add(value, name);
      for (const found of secretShapes(value)) this.add(found, name !== undefined && this.isSecret(name) ? name : 'token');
      for (const [parameter, written] of secretParameters(value, this.isSecretParameter)) this.add(decoded(written), parameter);
      replaceNamed(value, (inner, key) => {
        if (this.isSecret(key)) this.add(inner, key);
        return inner;
      });
    } else if (value instanceof Uint8Array) return;
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        if (!Array.isArray(value) && isFields(inner) && this.isSecret(key)) this.collectCredentials(inner, key);
        this.collect(inner, Array.isArray(value) ? name : key);
      }
  }

  /** @param name of where the text stands */
  replace(text: string, name: string | undefined): string {
    const whole = this.standIns.get(text);
    if (whole !== undefined && (text.length >= wholeMin || (name !== undefined && (name === credential || this.isSecret(name))))) {
      this.used.add(text);
      this.replacements += 1;
      return whole;
    }
    return this.pairs().reduce((result, [value, by, secret]) => {
      if (!result.includes(value)) return result;
      this.used.add(secret);
      this.replacements += 1;
      return result.replaceAll(value, by);
    }, text);
  }

  /** What stands in the place of a secret, however short it is; a text that is none stays. */
  inPlace(text: string): string {
    return this.replace(text, credential);
  }

  /** A copy in which each secret is its stand-in; keys stay as they are. */
  replaced<T>(value: T): T {
    return this.replacedIn(value, undefined, false) as T; // only texts change, each by another text
  }

  private replacedIn(value: unknown, name: string | undefined, inCredentials: boolean): unknown {
    if (typeof value === 'string') {
      // Parameters of a text: as they are written, in their place.
      const text = secretParameters(value, this.isSecretParameter).reduce(
        (result, [parameter, written]) => result.replaceAll(`${parameter}=${written}`, `${parameter}=${this.inPlace(decoded(written))}`),
        replaceNamed(value, (inner, key) => (this.isSecret(key) ? this.inPlace(inner) : inner)),
      );
      return this.replace(text, inCredentials && !isHarmless(name ?? '') ? credential : name);
    }
    if (value instanceof Uint8Array) {
      // As Latin-1 each byte is one character, so nothing else changes.
      return Buffer.from(this.replace(Buffer.from(value).toString('latin1'), undefined), 'latin1');
    }
    if (Array.isArray(value)) return value.map((inner) => this.replacedIn(inner, name, inCredentials));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        this.replacedIn(inner, key, inCredentials || key === 'credentials' || key === 'token' || (isFields(inner) && this.isSecret(key))),
      ]),
    );
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

const credential = 'credential';

/** A word of a language is replaced only in its place; what a machine made is replaced wherever it stands. */
export const looksMade = (value: string): boolean =>
  value.length >= insideMin && (/\s/.test(value) ? value.startsWith('-----BEGIN') : /\d/.test(value) || value.length >= 20);

const isFields = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

const isHarmless = (name: string): boolean => /^(?:type|token_type|scopes?|.*expires?.*|.*_at)$/i.test(name);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
