/** What an environment does with values that do not fit the schemas of its functions. */
import type { ValidationMode, Validation as WireValidation } from '@bowline/api/dashboard';
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import type { World } from '../base/world.ts';

export type Validation = Readonly<WireValidation>;

const none: Validation = { inputs: 'off', outputs: 'off', records: 'off' };

/** Asked at the start of each run: a change counts from the next run on. */
export async function validationOf({ db }: Pick<World, 'db'>, environmentId: number): Promise<Validation> {
  const row = await one<{ inputs: ValidationMode; outputs: ValidationMode; records: ValidationMode }>(
    db,
    sql`select validate_inputs as inputs, validate_outputs as outputs, validate_records as records from environments where id = ${environmentId}`,
  );
  return row ?? none;
}
