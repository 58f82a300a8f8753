/** Who uses a provider: integrations and connections, which are of higher floors and so are asked through this. */
import type { Database } from '../base/world.ts';

export type Use = {
  /** The provider's name. */
  readonly provider: string;
  /** The integration's. */
  readonly uniqueKey: string;
  /** How its connections were made; empty without any. */
  readonly authModes: readonly string[];
};
type InEnvironment = { readonly environment: { readonly id: number } };
/** One for each integration of these providers, by key. */
export type UsesOf = (db: Database, scope: InEnvironment, providers: readonly string[]) => Promise<Use[]>;
