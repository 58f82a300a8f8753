/** What is asked of a provider about a subscription, and what its answer says. Pure. */
import type { SubscriptionRequest, WebhookSubscriptionFacts } from '@bowline/providers/subscription';
import { fillTemplate, type TemplateScope } from '@bowline/providers/template';
import type { ApiRequest } from '../credentials/quirks/quirk.ts';

/** What its templates may read besides what those of the provider may. */
export type SubscriptionValues = {
  readonly target: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly subscription: Readonly<Record<'url' | 'channel' | 'secret' | 'id' | 'expires_iso' | 'expires_ms', string | undefined>>;
  readonly remote: Readonly<Record<string, string | undefined>>;
  /** The answer of the request before. */
  readonly asked: unknown;
  readonly settings: Readonly<Record<string, string>>;
  /** Where each is asked for by itself. */
  readonly event: { readonly id?: string; readonly name?: string; readonly part?: string };
  readonly document: string | undefined;
};

/** @throws Error when a template has no value, or one that would lead to another path */
export function requestOf(
  { method = 'GET', path, json, form }: SubscriptionRequest,
  facts: WebhookSubscriptionFacts,
  scope: TemplateScope,
  values: SubscriptionValues,
): { at: string; request: ApiRequest } {
  const filled: TemplateScope = { ...scope, values: { ...scope.values, ...values } };
  const fill = (template: string) => text(template, filled);
  const events = facts.events === 'commas' ? values.events.join(',') : [...values.events];
  const filledIn = (template: string) =>
    template === EVENTS ? events : template === PART && !values.event.part ? undefined : fill(template);
  return {
    at: text(path, filled, pathPart),
    request: {
      method,
      ...(json ? { json: mapped(json, filledIn) } : {}),
      ...(form ? { form: Object.fromEntries(Object.entries(form).map(([name, value]) => [name, filledIn(value) ?? ''])) } : {}),
    },
  };
}

const EVENTS = ['$', '{events}'].join('');
/** Of an event without one, its key is left out. */
const PART = ['$', '{event.part}'].join('');

function text(template: string, scope: TemplateScope, encode?: (value: string) => string): string {
  const { text: filled, unresolved } = fillTemplate(template, scope, encode);
  if (unresolved.length > 0) throw new Error(`There is no value for ${unresolved.join(', ')}`);
  return filled;
}

/** Values come from metadata and from answers: they may hold slashes, and may not climb out of the path. */
function pathPart(value: string): string {
  const parts = value.split('/');
  if (parts.some((part) => part === '.' || part === '..')) throw new Error('A value leads to another path');
  return parts.map(encodeURIComponent).join('/');
}

function mapped(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => mapped(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapped(inner, change)]));
}

export type Agreed = {
  readonly id: string;
  readonly kept: Readonly<Record<string, string | undefined>>;
  readonly secret?: string;
  readonly expiresAt: Date | null;
};

/** @throws Error when the answer does not name what was made: some vendors refuse with status 200 */
export function agreedOf({ answer }: WebhookSubscriptionFacts, body: unknown, channel: string): Agreed {
  const id = answer.id === undefined ? channel : scalar(dig(body, answer.id));
  if (id === undefined) throw new Error('The answer does not name the subscription, so it was not made');
  const secret = answer.secret === undefined ? undefined : scalar(dig(body, answer.secret));
  if (answer.secret !== undefined && secret === undefined) throw new Error('The answer does not tell the secret of the subscription');
  const kept = (answer.keep ?? []).flatMap((key): [string, string][] => {
    const value = scalar(dig(body, key));
    return value === undefined ? [] : [[key, value]];
  });
  const expires = answer.expires === undefined ? undefined : scalar(dig(body, answer.expires));
  return { id, kept: Object.fromEntries(kept), ...(secret === undefined ? {} : { secret }), expiresAt: momentOf(expires) };
}

/** The ids of all that there are and that are on. */
export function listedIn({ list, id, on }: NonNullable<WebhookSubscriptionFacts['find']>, body: unknown): string[] {
  const all = dig(body, list);
  const isOff = (one: unknown) => on !== undefined && [false, 'disabled'].includes(dig(one, on) as string | boolean); // compared, whatever it is
  return Array.isArray(all) ? all.flatMap((one) => (isOff(one) ? [] : (scalar(dig(one, id)) ?? []))) : [];
}

/** The ids of those that have this address. */
export function foundIn({ list, id, url }: NonNullable<WebhookSubscriptionFacts['find']>, body: unknown, address: string): string[] {
  const all = dig(body, list);
  if (!Array.isArray(all)) return [];
  return all.flatMap((one) => (dig(one, url) === address ? (scalar(dig(one, id)) ?? []) : []));
}

/** Milliseconds since 1970, as Google has it, or ISO 8601. */
function momentOf(value: string | undefined): Date | null {
  if (value === undefined) return null;
  const at = new Date(/^\d+$/.test(value) ? Number(value) : value);
  return Number.isNaN(at.getTime()) ? null : at;
}

const scalar = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;

function dig(from: unknown, path: string): unknown {
  if (path === '') return from;
  return path
    .split('.')
    .reduce<unknown>((inner, key) => (Object.hasOwn(Object(inner), key) ? Reflect.get(Object(inner), key) : undefined), from);
}
