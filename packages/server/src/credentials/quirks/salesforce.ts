/** Salesforce: the wire names a script that does nothing. How long a token lives is asked by introspection, which is data. */
import type { Quirk } from './quirk.ts';

export const salesforce: Quirk = { afterConnect: async () => ({}) };
