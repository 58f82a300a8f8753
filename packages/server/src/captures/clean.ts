/**
 * Entries of a capture as they are stored: without secrets. What a secret is, is known by its name, by its shape, and because the run's own
 * connection has it; it then has a stand-in wherever it stands. Bodies that hold none keep every byte.
 */
import type { CapturedBody, CaptureEntry } from '@bowline/api/captures';
import type { CallFailure } from '@bowline/api/protocol';
import { isSecretName } from '@bowline/compile/secret-names';
import { looksMade, StandIns } from '@bowline/compile/stand-ins';
import { isSecretField, isSecretInAddress } from '../logs/redact.ts';

/** A call as it was made. `lost`: bytes of bodies that are not kept. */
export type RawCall = {
  readonly entry: 'call';
  readonly n: number;
  readonly at: number;
  readonly ms: number;
  readonly method: string;
  readonly params: unknown;
  readonly body: Uint8Array;
  readonly answer: { readonly value: unknown; readonly body: Uint8Array | undefined } | undefined;
  readonly failure: CallFailure | undefined;
  readonly lost: { readonly sent: number; readonly received: number };
};
export type RawEntry = RawCall | Exclude<CaptureEntry, { entry: 'call' }>;

/** A list of names in what the platform itself tells of an integration. */
const HARMLESS = 'preconfigured_credentials';

export const createStandIns = (): StandIns =>
  new StandIns(
    (name) => name !== HARMLESS && (isSecretField(name) || isSecretName(name)),
    (name) => isSecretInAddress(name) || isSecretName(name),
  );

/** Of all entries the secrets are looked for before any is replaced: what one answer tells, an earlier request may hold. */
export function cleanEntries(entries: readonly RawEntry[], secrets: StandIns): CaptureEntry[] {
  const drafts = entries.map((entry) => (entry.entry === 'call' ? draftOf(entry) : entry));
  for (const draft of drafts) collect(draft, secrets);
  return drafts.map((draft) => finish(draft, secrets));
}

/** @returns undefined when nothing of it is a secret, now that more of them are known */
export function cleanAgain(entries: CaptureEntry[], secrets: StandIns): CaptureEntry[] | undefined {
  const before = secrets.replacements;
  const cleaned = secrets.replaced(entries);
  return secrets.replacements === before ? undefined : cleaned;
}

type Content =
  | { readonly form: 'none' }
  | { readonly form: 'lost'; readonly bytes: number }
  | { readonly form: 'json'; readonly text: string; readonly bytes: number; readonly trees: readonly unknown[] }
  | { readonly form: 'text'; readonly text: string; readonly bytes: number }
  | { readonly form: 'bytes'; readonly data: Uint8Array };
type Draft = Omit<RawCall, 'body' | 'answer'> & { readonly sent: Content; readonly value: unknown; readonly received: Content };

function draftOf({ body, answer, ...call }: RawCall): Draft {
  return { ...call, sent: contentOf(body, call.lost.sent), value: answer?.value, received: contentOf(answer?.body, call.lost.received) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function contentOf(data: Uint8Array | undefined, lost: number): Content {
  if (lost > 0) return { form: 'lost', bytes: lost };
  if (data === undefined || data.byteLength === 0) return { form: 'none' };
  const text = textOf(data);
  if (text === undefined) return { form: 'bytes', data };
  const trees = treesOf(text);
  return trees ? { form: 'json', text, bytes: data.byteLength, trees } : { form: 'text', text, bytes: data.byteLength };
}

function textOf(data: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(data);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** JSON, or a JSON a line as records are saved. */
function treesOf(text: string): unknown[] | undefined {
  if (!/^\s*["[{]/.test(text)) return undefined;
  try {
    return [JSON.parse(text)];
  } catch {
    try {
      return text.split('\n').map((line): unknown => JSON.parse(line));
    } catch {
      return undefined;
    }
  }
}

/** What these answer grants access, whatever it is called. */
const credentialsOf: Readonly<Record<string, (value: unknown) => unknown>> = {
  'connection.get': (value) => Object(value).credentials,
  'integration.get': (value) => Object(value).credentials,
  'token.get': (value) => value,
};

function collect(draft: Draft | Exclude<CaptureEntry, { entry: 'call' }>, secrets: StandIns): void {
  if (draft.entry !== 'call') {
    secrets.collect(draft);
    return;
  }
  const { method, params, value } = draft;
  const { headers, params: query, url } = Object(params);
  secrets.collectHeaders(Array.isArray(headers) ? Object.fromEntries(headers) : Object(headers));
  secrets.collectHeaders(Object(Object(value).headers));
  if (typeof query === 'object') secrets.collectHeaders(Object(query));
  if (typeof url === 'string') collectUserInfo(url, secrets);
  secrets.collect(params);
  const granted = credentialsOf[method]?.(value);
  if (typeof granted === 'string') secrets.add(granted, 'token');
  else secrets.collectCredentials(granted);
  if (method === 'variables.get' && Array.isArray(value))
    for (const one of value)
      if (isSecretField(String(one.name)) || looksMade(String(one.value))) secrets.add(String(one.value), String(one.name));
  secrets.collect(value);
  if (draft.failure) secrets.collect(draft.failure);
  for (const content of [draft.sent, draft.received]) collectContent(content, secrets);
}

function collectUserInfo(url: string, secrets: StandIns): void {
  const [, , password] = /^\w+:\/\/([^:/@]*):([^@/]+)@/.exec(url) ?? [];
  if (password) secrets.add(password, 'password');
}

function collectContent(content: Content, secrets: StandIns): void {
  if (content.form === 'json') for (const tree of content.trees) secrets.collect(tree);
  if (content.form === 'text') secrets.collect(content.text);
}

function finish(draft: Draft | Exclude<CaptureEntry, { entry: 'call' }>, secrets: StandIns): CaptureEntry {
  if (draft.entry !== 'call') return secrets.replaced(draft);
  const { n, at, ms, method, failure, lost } = draft;
  const answered = failure === undefined;
  return {
    entry: 'call',
    n,
    at,
    ms,
    method,
    params: cleanParams(draft.params, secrets),
    body: bodyOf(draft.sent, secrets),
    answer: answered ? { value: cleanValue(draft, secrets), body: bodyOf(draft.received, secrets) } : null,
    failure: failure ? { ...secrets.replaced(failure) } : null,
    cut: lost.sent + lost.received > 0,
  };
}

function cleanParams(params: unknown, secrets: StandIns): Record<string, unknown> {
  const clean: Record<string, unknown> = { ...Object(secrets.replaced(params)) };
  const { headers, params: query } = Object(params);
  const inPlace = (pairs: object) =>
    Object.fromEntries(Object.entries(pairs).map(([name, value]) => [name, inAddress(name, value, secrets)]));
  if (Array.isArray(headers)) clean.headers = headers.map(([name, value]) => [name, inAddress(name, value, secrets)]);
  else if (typeof headers === 'object' && headers !== null) clean.headers = inPlace(headers);
  if (typeof query === 'object' && query !== null) clean.params = inPlace(query);
  return clean;
}

/** Of a scheme and its secret only the secret is replaced: `Bearer redacted_authorization_1`. */
function inAddress(name: string, value: unknown, secrets: StandIns): unknown {
  if (Array.isArray(value)) return value.map((one) => inAddress(name, one, secrets));
  if (typeof value !== 'string' || !(isSecretInAddress(name) || isSecretName(name))) return secrets.replaced(value);
  const [, scheme, rest] = /^(\w+\s+)(\S+)$/.exec(value) ?? [];
  if (scheme === undefined || rest === undefined) return secrets.inPlace(value);
  // Basic's own parts were found too, and what is left of it says nothing any more.
  return `${scheme}${secrets.inPlace(rest)}`;
}

function cleanValue({ method, value }: Draft, secrets: StandIns): unknown {
  if (method === 'token.get' && typeof value === 'string') return secrets.inPlace(value);
  if (method === 'token.get') return Object(secrets.replaced({ credentials: value })).credentials;
  const clean: unknown = secrets.replaced(value);
  const { headers } = Object(value);
  if (typeof headers !== 'object' || headers === null) return clean;
  return {
    ...Object(clean),
    headers: Object.fromEntries(Object.entries(headers).map(([name, one]) => [name, inAddress(name, one, secrets)])),
  };
}

function bodyOf(content: Content, secrets: StandIns): CapturedBody | null {
  if (content.form === 'none') return null;
  if (content.form === 'lost') return { bytes: content.bytes, text: null, encoding: 'utf8' };
  if (content.form === 'bytes') {
    const data = Buffer.from(secrets.replaced(content.data));
    return { bytes: content.data.byteLength, text: data.toString('base64'), encoding: 'base64' };
  }
  return { bytes: content.bytes, text: cleanText(content, secrets), encoding: 'utf8' };
}

function cleanText(content: Extract<Content, { form: 'json' | 'text' }>, secrets: StandIns): string {
  if (content.form === 'text') return secrets.replaced(content.text);
  const before = secrets.replacements;
  const trees = secrets.replaced(content.trees);
  return secrets.replacements === before ? content.text : trees.map((tree) => JSON.stringify(tree)).join('\n');
}
