/** Providers: the external APIs of the catalogue. */
import * as z from 'zod';
import { Name, Nothing } from './fields.ts';
import { defineRoute } from './route.ts';

export const Provider = z
  .looseObject({
    name: z.string().describe('The name in the catalogue, which integrations refer to.'),
    display_name: z.string().describe('The name to show.'),
    auth_mode: z.string().describe('How it grants access: `OAUTH2`, `OAUTH2_CC`, `API_KEY`, `BASIC`, `NONE` and others.'),
    categories: z.array(z.string()).optional().describe('What it is for.'),
    docs: z.string().optional().describe('Where its API is documented.'),
    logo_url: z.string().describe('Address of its logo, an SVG.'),
  })
  .describe('A provider with its full definition, as written in the catalogue.');
export type Provider = z.infer<typeof Provider>;

export const providers = {
  list: defineRoute({
    method: 'GET',
    path: '/providers',
    summary: 'List the providers of the catalogue',
    caller: 'connectSessionOrApiKey',
    query: z.strictObject({
      search: z.string().min(1).max(255).optional().describe('Only providers with this text in their name or display name, in any case.'),
    }),
    answer: z.object({ data: z.array(Provider).describe('The providers, each with all that the catalogue says of it.') }),
    problems: [],
  }),
  get: defineRoute({
    method: 'GET',
    path: '/providers/:provider',
    summary: 'Read one provider',
    caller: 'connectSessionOrApiKey',
    params: z.strictObject({ provider: Name.meta({ description: 'The provider, by its name in the catalogue.', examples: ['github'] }) }),
    query: Nothing,
    answer: z.object({ data: Provider }),
    problems: ['unknown_provider_template'],
    wording: { unknown_provider_template: { code: 'not_found' } },
  }),
};
