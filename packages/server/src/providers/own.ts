/**
 * The provider of an integration: one that its environment defines itself comes with the integration's row, so whoever has read that row,
 * in whatever process, has what is stored now, without another statement (decisions/029).
 */
import type { Provider, ProviderDefinition } from '@bowline/providers/provider';
import { type RawBuilder, sql } from 'kysely';
import type { World } from '../base/world.ts';

type Names = {
  readonly provider: string;
  /** What the environment itself says of this name. */
  readonly ownProvider: ProviderDefinition | null;
};

/** Undefined when the catalogue no longer has it. */
export function providerOf({ builtIns }: Pick<World, 'builtIns'>, { provider: name, ownProvider }: Names): Provider | undefined {
  return ownProvider ? { ...ownProvider, name } : builtIns.get(name);
}

/** As a column of a statement on a table that names an environment and a provider: the environment's own definition, or null. Within `case when`, it is looked for only then. */
export function ownDefinition(environmentId: RawBuilder<unknown>, name: RawBuilder<unknown>) {
  return sql`own_provider(${environmentId}, ${name})`;
}
