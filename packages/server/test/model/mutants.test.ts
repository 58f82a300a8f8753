/** The model finds what is wrong: each of these statements, altered on its way to Postgres, takes away one thing that the platform relies on. */
import { expect, test } from 'vitest';
import { explore } from './explore.ts';
import { openLane } from './lane.ts';
import type { Wish } from './sequence.ts';

type Fault = {
  readonly what: string;
  readonly statement: RegExp;
  readonly instead: string;
  /** Operations to try more often, so that what meets rarely is found within seconds. */
  readonly focus: readonly Wish['op'][];
};
const faults: readonly Fault[] = [
  {
    what: 'writers of a stream do not take turns',
    statement: /(from record_streams where id = \$\d+ and environment_id = \$\d+) for update/,
    instead: '$1',
    focus: ['besides', 'call'],
  },
  {
    what: 'a stream forgets which run wrote last',
    statement: /seq, generation, tracking_since/,
    instead: 'seq, 0::bigint as generation, tracking_since',
    focus: ['besides', 'call'],
  },
  {
    what: 'a run that is over, or was taken over, may write',
    statement: /and attempts = (\$\d+) and state = 'running'/,
    instead: 'and $1::int is not null',
    focus: ['call', 'lose', 'pauseSync'],
  },
  {
    what: 'a run may end twice',
    statement: /(update runs set [\s\S]* and id = \$\d+) and state = any\((\$\d+)::text\[\]\)/,
    instead: '$1 and $2::text[] is not null',
    focus: ['endFunction', 'pauseSync'],
  },
  {
    what: 'a run that waits for room is given out again and again',
    statement: /(last_run = run), triggered_at = null/,
    instead: '$1',
    focus: ['triggerSync', 'claimDue'],
  },
  {
    what: 'an attempt settles a delivery that was sent again since',
    statement: /and d\.operation_id is not distinct from o\.operation_id/,
    instead: '',
    focus: ['take', 'endFunction', 'lose', 'answer', 'sendAgain'],
  },
  {
    what: 'a delivery is attempted before it is due',
    statement: /and d\.next_at <= (\$\d+)::timestamptz/,
    instead: 'and ($1::timestamptz is null or true)',
    focus: ['answer'],
  },
  {
    what: 'a paused endpoint is not left alone',
    statement: /and \(e\.rest_until is null or e\.rest_until <= (\$\d+)::timestamptz\)/,
    instead: 'and ($1::timestamptz is null or true)',
    focus: ['take', 'endFunction', 'sendDue', 'answer'],
  },
  {
    what: 'an endpoint that fails gets as many at once as ever',
    statement: /- \(select count\(\*\) from webhook_deliveries held where held\.endpoint_id = e\.id and held\.held_by is not null\)/,
    instead: '- 0',
    focus: ['take', 'endFunction', 'sendDue', 'answer'],
  },
  {
    what: 'an endpoint that is back does not get what waits for another attempt',
    statement: /and next_at > created_at and next_at < 'infinity'/,
    instead: 'and false',
    focus: ['take', 'endFunction', 'sendDue', 'answer'],
  },
  {
    what: 'what a crawl met is not noted',
    statement: /insert into record_sightings [\s\S]* values \((\$\d+), (\$\d+)::text\[\]\)/,
    instead: 'select $1::int, $2::text[]',
    focus: ['besides', 'take', 'endFunction'],
  },
  { what: 'a page begins with the last record of the one before', statement: /seq > (\$?\d+)/, instead: 'seq >= $1', focus: ['read'] },
  { what: 'a count is off by one', statement: /live = live \+ (\$\d+)/, instead: 'live = live + $1 + 1', focus: ['call'] },
];

let fault: Fault | undefined;
let altered = 0;
const lane = await openLane((statement) => {
  if (!fault?.statement.test(statement)) return statement;
  altered++;
  return statement.replace(fault.statement, fault.instead);
});

test.each(faults)('is noticed: $what', { timeout: 600_000 }, async (chosen) => {
  fault = chosen;
  altered = 0;
  const { focus } = chosen;
  const found = await explore(lane, { seed: 1, operations: 40_000, shrinkMs: 0, focus }).catch((error: unknown) => error);
  fault = undefined;
  expect(altered, `statements of this kind, before ${String(found)}`).toBeGreaterThan(0);
  expect(found).toBeInstanceOf(Error);
});
