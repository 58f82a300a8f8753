/** When a token ends, by whatever its answer tells: a date, an epoch, seconds, a duration, or the `exp` of the token itself. Pure. */
import type { ProviderOf } from '@bowline/providers/provider';
import { readClaims } from './claims.ts';
import { dig } from './dig.ts';
import { CredentialsError } from './failure.ts';

export type Told = { readonly answer: unknown; readonly token: unknown; readonly refreshToken: string | undefined };

/**
 * The earliest of what is known, or undefined for a token without an end.
 * @throws CredentialsError when the answer tells an end that cannot be read: such a token would never be renewed
 */
export function endOf(provider: ProviderOf<'TWO_STEP'>, { answer, token, refreshToken }: Told, now: Date): Date | undefined {
  const { token_expiration: path, token_expiration_strategy: strategy = 'expireAt' } = provider.token_response;
  const told = path === undefined ? undefined : (dig(answer, path) ?? undefined);
  const refreshEnds = jwtEnd(refreshToken);
  if (told !== undefined && told !== '') {
    const end = strategy === 'expireIn' ? later(told, now) : moment(told, now);
    if (!end) throw new CredentialsError('unable_to_parse_token_response', `the end of the token at "${path}" is in no form we can read`);
    return earliest([end, refreshEnds]);
  }
  const { token_expires_in_ms: assumed } = provider;
  const end = assumed === undefined || assumed === 0 ? undefined : new Date(now.getTime() + assumed);
  return earliest([end, jwtEnd(token), refreshEnds]);
}

const earliest = (ends: readonly (Date | undefined)[]) =>
  ends.reduce((first, end) => (first === undefined || (end && end < first) ? end : first), undefined);

/** Seconds, or a duration with its unit (`12h`, `30 minutes`). */
function later(value: unknown, now: Date): Date | undefined {
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(value).trim()) ?? [];
  const unitMs = units.find(([names]) => names.test(unit === '' ? 's' : unit))?.[1];
  return count === undefined || unitMs === undefined ? undefined : valid(new Date(now.getTime() + Number(count) * unitMs));
}

const units: readonly (readonly [names: RegExp, ms: number])[] = [
  [/^(?:ms|msecs?|milliseconds?)$/i, 1],
  [/^(?:s|secs?|seconds?)$/i, 1000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:h|hrs?|hours?)$/i, 3_600_000],
  [/^(?:d|days?)$/i, 86_400_000],
  [/^(?:w|weeks?)$/i, 604_800_000],
];

/** Epoch seconds or milliseconds (from the year 1973 on), a date, or what is left as `D:HH:MM`. */
function moment(value: unknown, now: Date): Date | undefined {
  const text = String(value).trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return valid(new Date(Number(text) > 100_000_000_000 ? Number(text) : Number(text) * 1000));
  const [, days, hours, minutes] = /^(\d+):(\d{1,2}):(\d{1,2})$/.exec(text) ?? [];
  if (days !== undefined) return valid(new Date(now.getTime() + ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000));
  return typeof value === 'string' && /\d{4}/.test(text) ? valid(new Date(text)) : undefined;
}

function jwtEnd(token: unknown): Date | undefined {
  const exp = readClaims(token)?.exp;
  return exp === undefined ? undefined : valid(new Date(exp * 1000));
}

function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}
