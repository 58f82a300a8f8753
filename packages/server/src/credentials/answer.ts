/** A sign-in's answer in any of the forms vendors give it, and what it says when it refuses. Pure. */
import type { ProviderAnswer } from './ask-provider.ts';
import { concealText } from './conceal.ts';
import { CredentialsError, type CredentialsProblem, classify } from './failure.ts';
import { readXml } from './xml.ts';

/** JSON, XML, form encoded, or one line of text; undefined for anything else, such as a page. */
export function readAnswer({ text }: Pick<ProviderAnswer, 'text'>): unknown {
  const trimmed = text.trim();
  if (/^<html/i.test(trimmed)) return undefined;
  if (trimmed.startsWith('<')) return readXml(trimmed);
  try {
    const parsed: unknown = JSON.parse(trimmed);
    return parsed;
  } catch {
    if (/^[\w.~%+-]+=[^\s<]*$/.test(trimmed)) return Object.fromEntries(new URLSearchParams(trimmed));
    return /^[^\s<]+$/.test(trimmed) ? trimmed : undefined;
  }
}

export type Refusal = {
  readonly code: CredentialsProblem;
  readonly host: string;
  readonly status: number;
  readonly answer: unknown;
  /** What must not be repeated, should the provider do so. */
  readonly secrets: readonly string[];
};

/** Says what the provider said, where it did in a form we know. An answer of success that holds no token is a refusal too. */
export function refused({ code, host, status, answer, secrets }: Refusal): CredentialsError {
  const reason = concealText(reasonIn(answer) ?? '', secrets).slice(0, 300);
  const kept = { providerError: concealText(codeIn(answer) ?? '', secrets).slice(0, 100) || undefined, status };
  if (status >= 300) {
    const message = `${host} refused with status ${status}${reason ? ` (${reason})` : ''}`;
    return new CredentialsError(code, message, { ...kept, kind: classify(status, kept.providerError) });
  }
  const message = `${host} answered ${status} without a token${reason ? ` (${reason})` : ''}`;
  return new CredentialsError(code, message, { ...kept, kind: answer === undefined ? 'provider_down' : 'revoked' });
}

const reasons = /^(?:error_?description|description2?|(?:error_?)?messages?|detail|reason|faultstring|title)$/i;
const codes = /^(?:error_?)?code$|^error$/i;

const reasonIn = (answer: unknown) => find(answer, reasons) ?? find(answer, /^errors?$/i);
const codeIn = (answer: unknown) => find(answer, codes);

/** The first text under such a name, the nearest to the top. */
function find(answer: unknown, name: RegExp, depth = 6): string | undefined {
  if (typeof answer !== 'object' || answer === null || depth === 0) return undefined;
  const entries = Object.entries(answer);
  for (const [key, value] of entries) if (typeof value === 'string' && value !== '' && name.test(key)) return value;
  for (const [, value] of entries) {
    const found = find(value, name, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
