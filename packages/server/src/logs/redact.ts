/**
 * Takes secrets out of what enters the activity log, and bounds its size. Pure.
 * It knows secrets by the names they are stored under and by the shapes that well-known tokens have;
 * a secret under an innocent name and without such a shape passes, so callers log what they need and no more.
 */

const REMOVED = '[removed]';
const DEPTH_MAX = 20;
const NAME_CHARS_MAX = 256;
/** The last name and the marks of what was cut may go beyond the budget by less than this. */
const MARGIN_BYTES = 2_000;
/** What authors may log beside one line, as they know it. */
export const META_BYTES_MAX = 99_000;
const MESSAGE_CHARS_MAX = 10_000;

/** Names are compared without case, `-`, `_`, `.` and spaces. */
const secretName =
  /^(auth|code|cookie|hmac|jwt|key|nonce|passwd|pwd|sid|sig)$|(authorization|cookie|token|secret|password|passphrase|apikey|authkey|accesskey|accesskeyid|privatekey|secretkey|sessionkey|sessionid|signature|signingkey|clientassertion|codeverifier|credential|webhookkey)s?$/;
/** Names short enough to mean something else: secret in a URL or a header, not in an object, where `key` and `state` are everyday words. */
const everyday = /^(auth|code|key|nonce|sid|sig)$/;
/** These end in "token" and are positions in a list. */
const position = /^(next|prev|previous|start|last)?(page|sync|delta|continuation|pagination|cursor|next|prev|previous)tokens?$/;

/** Shapes of tokens, wherever they stand. Every repetition is bounded or follows a literal, so that no text takes long. */
const shapes: [RegExp, string][] = [
  [/\b(Bearer|Basic|Token) [\w.~+/=:-]{8,}/g, `$1 ${REMOVED}`],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)?/g, REMOVED], // JWT
  [
    /\b(gh[opusr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|[sr]k_(live|test)_|whsec_|lin_(api|oauth)_|pat-(na|eu)1-|shp(at|ca|pa|ss)_|ya29\.|sk-|nango_connect_session_)[\w.-]{8,}/g,
    REMOVED,
  ],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, REMOVED],
  [/:\/\/[^\s/:@"']{0,256}:[^\s/@"']{1,256}@/g, `://${REMOVED}@`],
  [/-----BEGIN ([A-Z ]{0,30})PRIVATE KEY-----[\s\S]*?(-----END \1PRIVATE KEY-----|$)/g, REMOVED],
  // `client_secret=…`, `"password": "…"`: the name's end, then the value up to what ends it
  [
    /((?:token|secret|password|passwd|api[-_]?key|private[-_]?key|signature)["']?[ \t]{0,3}[:=][ \t]{0,3}["']?)(?!\[removed\])[^\s"'&,;}\]]{4,}/gi,
    `$1${REMOVED}`,
  ],
];

/** Something of every shape; most texts have none, and one look is cheaper than seven. */
const hint =
  /Bearer |Basic |Token |eyJ|gh[opusr]_|github_pat|glpat|xox|xapp|[sr]k[_-]|whsec|lin_|pat-|shp|ya29|nango_c|A[KS]IA|@|PRIVATE|token|secret|passw|api[-_]?key|private[-_]?key|signature/i;

/** Message text: at most 10,000 characters. */
export function redactText(text: string, charsMax = MESSAGE_CHARS_MAX): string {
  // Cut first, generously: a shape must not be cut in its middle and then be missed.
  const bounded = text.length > charsMax ? text.slice(0, charsMax + 1_000) : text;
  const clean = storable(hint.test(bounded) ? shapes.reduce((rest, [shape, instead]) => rest.replace(shape, instead), bounded) : bounded);
  return clean.length > charsMax ? `${clean.slice(0, charsMax - 1).toWellFormed()}…` : clean;
}

/** Every header stays visible by name. */
export function redactHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined || value === null) return [];
      const text = Array.isArray(value) ? value.join(', ') : String(value);
      return [[storable(name), isSecret(name) ? REMOVED : redactText(text, 2_000)]];
    }),
  );
}

const STATE_CHARS_MIN = 16;

/** Removes user info, the values of secret query parameters, and tokens in the path that have a known shape. */
export function redactUrl(url: string): string {
  const [address = '', ...query] = url.split('?');
  const fragmentless = (text: string) => text.split('#')[0] ?? '';
  if (query.length === 0) return redactText(fragmentless(address), 4_000);
  const pairs = fragmentless(query.join('?')).split('&');
  const clean = pairs.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    // `state` is OAuth's random text, or an everyday filter such as `state=open`: length tells.
    const isState = flat(decode(name)) === 'state' && value.join('=').length >= STATE_CHARS_MIN;
    return value.length > 0 && (isState || isSecretParameter(decode(name))) ? `${name}=${REMOVED}` : pair;
  });
  return redactText(`${address}?${clean.join('&')}`, 4_000);
}

/** `credentials[apiKey]`, `params[token_id]`: any part of a nested name may say it. Of credentials everything is one. */
function isSecretParameter(name: string): boolean {
  const parts = name.split(/[[\]]+/).filter((part) => part !== '');
  return parts.some((part) => isSecret(part) || flat(part) === 'tokenid');
}

/**
 * @param meta anything; an array becomes an object keyed by index, a plain value becomes `{ value }`
 * @returns a copy that Postgres can store, of at most 99,000 bytes of JSON, and whether something had to be left out
 */
export function redactMeta(meta: unknown): { meta: Record<string, unknown> | null; truncated: boolean } {
  if (meta === undefined || meta === null) return { meta: null, truncated: false };
  const budget = { bytes: META_BYTES_MAX - MARGIN_BYTES, truncated: false };
  const plain = typeof meta !== 'object' || meta instanceof Date || meta instanceof Error;
  const clean = redactEntries(plain ? { value: meta } : meta, 0, budget);
  return { meta: clean, truncated: budget.truncated };
}

type Budget = { bytes: number; truncated: boolean };

function redactValue(name: string, value: unknown, depth: number, budget: Budget): unknown {
  if (typeof value === 'string')
    return fit(isSecret(name) && !isEveryday(name) && value !== '' ? REMOVED : redactText(value, META_BYTES_MAX), budget);
  if (typeof value === 'bigint') return fit(String(value), budget);
  if (typeof value === 'function' || typeof value === 'symbol' || value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) {
    budget.bytes -= 5;
    return value;
  }
  if (isSecret(name) && !isEveryday(name)) return fit(REMOVED, budget);
  if (value instanceof Date) return fit(Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString(), budget);
  if (value instanceof Error) return redactEntries({ name: value.name, message: value.message }, depth, budget);
  if (depth >= DEPTH_MAX) return fit('[too deep]', budget);
  if (Array.isArray(value)) return takeWhile(value, budget, (item) => redactValue(name, item, depth + 1, budget) ?? null);
  return redactEntries(value, depth, budget);
}

function redactEntries(value: object, depth: number, budget: Budget): Record<string, unknown> {
  const entries = takeWhile(Object.entries(value), budget, ([key, item]): [string, unknown] => {
    const name = storable(key.slice(0, NAME_CHARS_MAX));
    budget.bytes -= jsonBytes(name);
    budget.truncated ||= key.length > NAME_CHARS_MAX;
    return [name, redactValue(key, item, depth + 1, budget)];
  });
  return Object.fromEntries(entries);
}

/** Stops where the budget ends; two bytes an item stand for what JSON puts around it. */
function takeWhile<Item, Result>(items: readonly Item[], budget: Budget, take: (item: Item) => Result): Result[] {
  const taken: Result[] = [];
  for (const item of items) {
    if (budget.bytes <= 0) {
      budget.truncated = true;
      break;
    }
    budget.bytes -= 2;
    taken.push(take(item));
  }
  return taken;
}

function fit(text: string, budget: Budget): string {
  const bytes = jsonBytes(text);
  if (bytes <= budget.bytes) {
    budget.bytes -= bytes;
    return text;
  }
  budget.truncated = true;
  // A character takes at most six bytes in JSON, so this always fits.
  const kept = text.slice(0, Math.max(0, Math.floor(budget.bytes / 6))).toWellFormed();
  budget.bytes = 0;
  return `${kept}…`;
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** Verdicts by name: the same few hundred names come again and again, and a look-up takes a tenth of the expressions. */
const known = new Map<string, boolean>();
const KNOWN_MAX = 5_000;

function isSecret(name: string): boolean {
  const verdict = known.get(name);
  if (verdict !== undefined) return verdict;
  const plain = flat(name);
  const fresh = secretName.test(plain) && !position.test(plain);
  if (known.size < KNOWN_MAX && name.length <= NAME_CHARS_MAX) known.set(name, fresh);
  return fresh;
}

/** @returns whether what stands under this name in an object is a secret */
export const isSecretField = (name: string): boolean => isSecret(name) && !isEveryday(name);

/** The same for a header or a parameter of an address, such as `key` or `params[token_id]`. */
export const isSecretInAddress = (name: string): boolean => isSecretParameter(name);

function isEveryday(name: string): boolean {
  return everyday.test(flat(name));
}

function flat(name: string): string {
  return name
    .slice(0, 256)
    .toLowerCase()
    .replace(/[-_.\s]/g, '');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Postgres stores neither NUL nor half a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll('\0', '�').toWellFormed();
}
