/** Auth mode BASIC: a user name and a password (RFC 7617). Either may be empty: many providers take a key in one of them. */
import { z } from 'zod';
import { type AuthMode, asksWithForm, declaredFields, never, staysAsIs } from './auth-mode.ts';
import { readForm } from './form.ts';

const form = z.strictObject({ username: z.string().max(1024), password: z.string().max(1024) });

export const basic: AuthMode = {
  fields: declaredFields,
  start: asksWithForm,
  finish: async (_world, { answer, connectionConfig }) => ({ credentials: { type: 'BASIC', ...readForm(form, answer) }, connectionConfig }),
  refresh: staysAsIs,
  renews: never,
  apply: ({ credentials }) =>
    credentials.type === 'BASIC'
      ? { headers: { authorization: basicHeader(credentials.username, credentials.password) }, query: {} }
      : { headers: {}, query: {} },
};

export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
