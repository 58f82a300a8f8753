/** Moments as templates write them: `now`, `now:FORMAT`, `now+7:days:FORMAT`. Formats are those of Day.js, in UTC and English. Pure. */

/** @returns undefined for an offset whose unit is none */
export function writeMoment(expression: string, now: Date): string | undefined {
  const [, offset, unit = '', format = ''] = /^now(?:([+-]\d+):([a-z]+))?(?::(.*))?$/s.exec(expression) ?? [];
  const moment = offset === undefined ? now : shifted(now, Number(offset), unit);
  if (moment === undefined || Number.isNaN(moment.getTime())) return undefined;
  return format === ''
    ? moment.toISOString()
    : format.replace(token, (text, literal: string | undefined) => literal ?? parts[text]?.(moment) ?? text);
}

/** Whether a placeholder is one of these. */
export const isMoment = (placeholder: string) => /^now(?:[+-]\d+:[a-z]+)?(?::|$)/.test(placeholder);

const unitMs: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

function shifted(now: Date, count: number, unit: string): Date | undefined {
  const name = unit.replace(/s$/, '');
  if (unitMs[name] !== undefined) return new Date(now.getTime() + count * unitMs[name]);
  const months = name === 'month' ? count : name === 'year' ? count * 12 : undefined;
  if (months === undefined) return undefined;
  const first = new Date(now);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() + months);
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(now.getUTCDate(), days)); // the 31st of a shorter month is its last day
  return first;
}

/** Text in brackets stands as it is. */
const token = /\[([^\]]*)\]|YYYY|YY|M{1,4}|D{1,2}|d{1,4}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|SSS|A|a|Z{1,2}|X|x/g;
const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const two = (count: number) => String(count).padStart(2, '0');
const month = (date: Date) => monthNames[date.getUTCMonth()] ?? '';
const day = (date: Date) => dayNames[date.getUTCDay()] ?? '';
const half = (date: Date) => (date.getUTCHours() < 12 ? 'AM' : 'PM');
const hour = (date: Date) => date.getUTCHours() % 12 || 12;

const parts: Readonly<Record<string, (date: Date) => string>> = {
  YYYY: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  YY: (date) => two(date.getUTCFullYear() % 100),
  MMMM: month,
  MMM: (date) => month(date).slice(0, 3),
  MM: (date) => two(date.getUTCMonth() + 1),
  M: (date) => String(date.getUTCMonth() + 1),
  DD: (date) => two(date.getUTCDate()),
  D: (date) => String(date.getUTCDate()),
  dddd: day,
  ddd: (date) => day(date).slice(0, 3),
  dd: (date) => day(date).slice(0, 2),
  d: (date) => String(date.getUTCDay()),
  HH: (date) => two(date.getUTCHours()),
  H: (date) => String(date.getUTCHours()),
  hh: (date) => two(hour(date)),
  h: (date) => String(hour(date)),
  mm: (date) => two(date.getUTCMinutes()),
  m: (date) => String(date.getUTCMinutes()),
  ss: (date) => two(date.getUTCSeconds()),
  s: (date) => String(date.getUTCSeconds()),
  SSS: (date) => String(date.getUTCMilliseconds()).padStart(3, '0'),
  A: half,
  a: (date) => half(date).toLowerCase(),
  Z: () => '+00:00',
  ZZ: () => '+0000',
  X: (date) => String(Math.floor(date.getTime() / 1000)),
  x: (date) => String(date.getTime()),
};
