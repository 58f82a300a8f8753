/** What the dashboard shows of providers beside their definitions: a light list to choose from, and the guide to one. */
import * as z from 'zod';
import { Name, Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const ListedProvider = z.object({
  name: z.string(),
  display_name: z.string(),
  categories: z.array(z.string()),
  auth_mode: z.string(),
  logo_url: z.string(),
  /** What entries of one vendor have in common: `stripe` of `stripe-api-key`. */
  family: z.string(),
  /** A vendor's test environment. Absent for all others. */
  sandbox: z.literal(true).optional(),
  /** One of the environment alone. Absent for those of the catalogue. */
  custom: z.literal(true).optional(),
});
export type ListedProvider = z.infer<typeof ListedProvider>;

const Span = z.union([z.string(), z.object({ code: z.string() }), z.object({ text: z.string(), href: z.string() })]);
const Line = z.array(Span).readonly();
export type Line = z.infer<typeof Line>;
const Field = z.object({
  title: z.string(),
  name: z.string(),
  about: Line,
  example: z.string().optional(),
  form: z.string().optional(),
  optional: z.boolean(),
  secret: z.boolean(),
});
const Block = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('paragraph'), line: Line }),
  z.object({ kind: z.literal('note'), line: Line }),
  z.object({ kind: z.literal('list'), summary: z.string().optional(), items: z.array(Line).readonly() }),
  z.object({ kind: z.literal('table'), rows: z.array(z.array(Line).readonly()).readonly() }),
  z.object({ kind: z.literal('fields'), fields: z.array(Field).readonly() }),
  z.object({ kind: z.literal('code'), language: z.string(), code: z.string() }),
  z.object({ kind: z.literal('value'), label: z.string(), value: z.string() }),
]);
export type GuideBlock = z.infer<typeof Block>;
const Guide = z.object({
  name: z.string(),
  title: z.string(),
  mode: z.string(),
  categories: z.array(z.string()).readonly(),
  sections: z.array(z.object({ id: z.string(), title: z.string(), blocks: z.array(Block).readonly() })).readonly(),
});
export type ProviderGuide = z.infer<typeof Guide>;

export const dashboardProviders = {
  list: defineRoute({
    method: 'GET',
    path: '/api/providers',
    summary: 'The providers to choose from, each in a line',
    caller: 'member',
    query: Nothing,
    answer: z.object({ providers: z.array(ListedProvider) }),
    problems: [],
  }),
  guide: defineRoute({
    method: 'GET',
    path: '/api/providers/:provider/guide',
    summary: 'What to know and to do to use a provider, with the addresses of this server',
    caller: 'member',
    params: z.strictObject({ provider: Name }),
    query: z.strictObject({
      /** The integration, existing or planned, that the addresses and samples name. */
      integration: ProviderConfigKey.optional(),
    }),
    answer: Guide,
    problems: ['unknown_provider_template'],
    wording: { unknown_provider_template: { code: 'not_found' } },
  }),
};
