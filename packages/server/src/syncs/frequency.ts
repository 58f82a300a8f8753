/** Give one sync of one connection a frequency of its own, or the function's again. The anchor of its schedule stays. */
import { problem } from '@bowline/api/problem';
import { parseFrequency } from '@bowline/functions/frequency';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { findFunction } from '../deployments/find.ts';
import type { Scope } from '../http/scope.ts';
import type { Sync } from './sync.ts';

const short = new Map([
  ['hour', '1h'],
  ['day', '1d'],
  ['week', '1w'],
  ['month', '30d'],
  ['half day', '12h'],
  ['half hour', '30m'],
  ['quarter hour', '15m'],
]);

/** As the wire has it: `every hour` is `1h`, `every 2 hours` is `2 hours`. */
export function wireFrequency(text: string): string {
  const bare = text.trim().replace(/^every\s+/i, '');
  return short.get(bare.toLowerCase()) ?? bare;
}

/** @param text null restores the function's. @returns the frequency now in force, normalised. @throws invalid_body */
export async function setFrequency(world: Pick<World, 'db'>, scope: Scope, sync: Sync, text: string | null): Promise<string> {
  const fn = await findFunction(world, scope, sync.functionId);
  const parsed = parseFrequency(text ?? fn.config.runs ?? '');
  if (!parsed.ok) throw problem('invalid_body', { errors: [{ code: 'custom', message: parsed.message, path: ['frequency'] }] });
  await run(
    world.db,
    sql`update syncs set frequency_ms = ${parsed.ms}, frequency_own = ${text},
               next_run_at = least(next_run_at, now() + ${`${parsed.ms} milliseconds`}::interval)
         where environment_id = ${scope.environment.id} and id = ${sync.id}`,
  );
  return wireFrequency(text ?? fn.config.runs ?? '');
}
