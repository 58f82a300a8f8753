import { parseFrequency } from '@bowline/functions/frequency';
import { describe, expect, it } from 'vitest';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe('parseFrequency', () => {
  it.each([
    ['every hour', hour],
    ['every 5 minutes', 5 * minute],
    ['every day', day],
    ['every 6 hours', 6 * hour],
    ['every 1h', hour],
    ['every half hour', 30 * minute],
    ['every half day', 12 * hour],
    ['every quarter hour', 15 * minute],
    ['every week', 7 * day],
    ['every month', 30 * day],
    ['every 30s', 30_000],
  ])('reads %j, which both older grammars accept', (text, ms) => {
    expect(parseFrequency(text)).toMatchObject({ ok: true, ms });
  });

  it.each([
    ['every 3 weeks', 21 * day],
    ['every 3 week', 21 * day],
    ['1.5 hours', 90 * minute],
    ['every 2w', 14 * day],
    ['60000', minute],
    ['every 45000ms', 45_000],
  ])('reads %j, which only the compiler used to accept', (text, ms) => {
    expect(parseFrequency(text)).toMatchObject({ ok: true, ms });
  });

  it.each([
    ['every minute', minute],
    ['every m', minute],
    ['5 mins', 5 * minute],
    ['hour', hour],
    ['every 90secs', 90_000],
    ['half day', 12 * hour],
  ])('reads %j, which only the server used to accept', (text, ms) => {
    expect(parseFrequency(text)).toMatchObject({ ok: true, ms });
  });

  it.each(['every 29 seconds', 'every second', '0', 'every -5 minutes', 'every 30'])(
    'refuses %j as too often, naming the limit',
    (text) => {
      expect(parseFrequency(text)).toMatchObject({ ok: false, message: expect.stringContaining('every 30 seconds') });
    },
  );

  it.each(['every 32 days', 'every year', '5 weeks', '999999999999999999 days'])('refuses %j as too rare, naming the limit', (text) => {
    expect(parseFrequency(text)).toMatchObject({ ok: false, message: expect.stringContaining('31 days') });
  });

  it.each([
    '',
    'every',
    'hourly',
    'every 5 fortnights',
    '*/5 * * * *',
    'every 5 minutes or so',
    '5 5 m',
    'constructor',
    'every .',
    `${'9'.repeat(500)}s`,
  ])('refuses %j as unreadable and says what to write', (text) => {
    expect(parseFrequency(text)).toMatchObject({ ok: false, message: expect.stringContaining('every 5 minutes') });
  });

  it('keeps the exact limits', () => {
    expect(parseFrequency('every 31 days')).toMatchObject({ ok: true, ms: 31 * day });
    expect(parseFrequency('every 30 seconds')).toMatchObject({ ok: true, ms: 30_000 });
  });

  it.each(['every hour', '1.5 hours', 'every 3 weeks', 'every half day', '45.5s'])(
    'normalises %j to a spelling of the same length',
    (text) => {
      const first = parseFrequency(text);
      if (!first.ok) throw new Error(first.message);
      expect(parseFrequency(first.normalised)).toEqual({ ...first });
    },
  );
});
