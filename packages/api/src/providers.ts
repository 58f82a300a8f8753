/** Providers: the external APIs of the catalogue. */
import * as z from 'zod';
import { Name, Nothing } from './fields.ts';
import { defineRoute } from './route.ts';

/** A provider's full definition, as written in the catalogue, plus its name and logo. */
export const Provider = z.looseObject({
  name: z.string(),
  display_name: z.string(),
  auth_mode: z.string(),
  categories: z.array(z.string()).optional(),
  docs: z.string().optional(),
  logo_url: z.string(),
});
export type Provider = z.infer<typeof Provider>;

export const providers = {
  list: defineRoute({
    method: 'GET',
    path: '/providers',
    summary: 'List the providers of the catalogue',
    caller: 'connectSessionOrApiKey',
    query: z.strictObject({ search: z.string().min(1).max(255).optional() }),
    answer: z.object({ data: z.array(Provider) }),
    problems: [],
  }),
  get: defineRoute({
    method: 'GET',
    path: '/providers/:provider',
    summary: 'Read one provider',
    caller: 'connectSessionOrApiKey',
    params: z.strictObject({ provider: Name }),
    query: Nothing,
    answer: z.object({ data: Provider }),
    problems: ['unknown_provider_template'],
    wording: { unknown_provider_template: { code: 'not_found' } },
  }),
};
