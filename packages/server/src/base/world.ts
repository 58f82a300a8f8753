/**
 * World: everything that comes from outside the code, as one typed object handed to verbs as their first argument.
 * A verb narrows it with Pick, so its signature says what it can touch; a test hands in another World instead of mocking.
 */
import type { Catalogue } from '@bowline/providers/catalogue';
import type { Sandboxes } from '@bowline/sandbox/pool';
import type { Logger } from 'pino';
import type { Bus } from './bus.ts';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import type { Journal } from './journal.ts';
import type { Keyring } from './keyring.ts';
import type { Outbound } from './outbound.ts';
import type { SchemaChecks } from './schema-checks.ts';
import type { Threads } from './threads.ts';

export type { Database } from './database.ts';
export type Clock = { now(): Date };
export type Random = { bytes(size: number): Buffer; uuid(): string; fraction(): number };

export type World = {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  readonly log: Logger;
  /** HTTP to anywhere a user can steer, with the SSRF guard in the connector. */
  readonly outbound: Outbound;
  /** Messages between the processes that share one database (LISTEN/NOTIFY). */
  readonly bus: Bus;
  /** The activity log's write buffer. */
  readonly journal: Journal;
  readonly sandboxes: Sandboxes;
  /** Read long pages of records. */
  readonly pageThreads: Threads;
  /** Holds values to the schemas that authors deployed. */
  readonly schemaChecks: SchemaChecks;
  /** The providers of the catalogue, read from YAML once at start. Of an environment's own as well tells `providers/`. */
  readonly builtIns: Catalogue;
  /** The file of the catalogue's functions, compiled by `npm run build`. Without a build there is none. */
  readonly templatesPath: string;
};
