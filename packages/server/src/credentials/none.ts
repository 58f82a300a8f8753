/** Auth mode NONE: an API that asks for nothing. */
import { type AuthMode, asksWithForm, declaredFields, never, staysAsIs } from './auth-mode.ts';

export const none: AuthMode = {
  fields: declaredFields,
  start: asksWithForm,
  finish: async (_world, { connectionConfig }) => ({ credentials: {}, connectionConfig }),
  refresh: staysAsIs,
  renews: never,
  apply: () => ({ headers: {}, query: {} }),
};
