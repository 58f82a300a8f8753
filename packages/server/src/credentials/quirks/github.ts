/** GitHub: who signed in. */
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const github: Quirk = { afterConnect: lookup('/user', { config: {}, account: 'id' }) };
/** What the wire calls it where an app was installed too: the person's name goes into the configuration; their token stays sealed. */
export const githubAppOauth: Quirk = { afterConnect: lookup('/user', { config: { handle: 'login' }, account: 'id' }) };
