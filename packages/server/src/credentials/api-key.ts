/**
 * Auth mode API_KEY: one secret text. Where it goes is the provider's `proxy.headers` and `proxy.query`, or, for a provider whose
 * placement the developer chooses, the integration's `keyPlacement`, `keyName` and `valueTemplate`.
 */
import { fillTemplate } from '@bowline/providers/template';
import { z } from 'zod';
import { templateScope } from './access.ts';
import { type AuthMode, asksWithForm, declaredFields, never, staysAsIs } from './auth-mode.ts';
import { readForm } from './form.ts';

const form = z.strictObject({ apiKey: z.string().min(1).max(1024) });

export const apiKey: AuthMode = {
  fields: declaredFields,
  start: asksWithForm,
  finish: async (_world, { answer, connectionConfig }) => ({
    credentials: { type: 'API_KEY', ...readForm(form, answer) },
    connectionConfig,
  }),
  refresh: staysAsIs,
  renews: never,
  apply: (access) => {
    const { provider, custom } = access.integration;
    const name = custom.keyName;
    if (!name || !provider.integration_config?.keyName) return { headers: {}, query: {} };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the default is a template of the catalogue
    const { text } = fillTemplate(custom.valueTemplate ?? '${apiKey}', templateScope(access));
    return custom.keyPlacement === 'query'
      ? { headers: {}, query: { [name]: text } }
      : { headers: { [name.toLowerCase()]: text }, query: {} };
  },
};
