/** The database as verbs take it: a Kysely instance or a transaction of one. Here and not in world.ts, so that base's own files need not import World. */
import type { Kysely } from 'kysely';

/** Statements are written with the `sql` tag, beside the verb they belong to. */
export type Database = Kysely<unknown>;
