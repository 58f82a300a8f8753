/** Providers: the external APIs of the catalogue. */
import * as z from 'zod';
import { Flag, Name, Nothing, Success } from './fields.ts';
import { defineRoute } from './route.ts';

export const ProviderField = z.looseObject({
  title: z.string().describe('What it is called.'),
  description: z.string().describe('What it is and where it is found.'),
  example: z.string().optional().describe('How a value looks.'),
  pattern: z.string().optional().describe('A regular expression that a value must match. It is not anchored by itself.'),
  format: z.string().optional().describe('`hostname`, `uri`, `uuid` or `email`.'),
  enum: z.array(z.string()).optional().describe('The values there are to choose from.'),
  order: z.number().optional().describe('Its place in a form, the lowest first.'),
  default_value: z.string().optional().describe('The value when none is given.'),
  hidden: z.boolean().optional().describe('Not shown, and sent with its default.'),
  automated: z.boolean().optional().describe('Filled in by the platform, never asked for.'),
  optional: z.boolean().optional().describe('May be left empty.'),
  secret: z.boolean().optional().describe('Not to be shown while it is typed.'),
  prefix: z.string().optional().describe('Shown before the input, never part of the value.'),
  suffix: z.string().optional().describe('Shown after the input, never part of the value.'),
  doc_section: z.string().optional().describe('The section of `docs_connect` that says where it is found, as `#name`.'),
  visible_when: z
    .object({
      field: z.string().describe('Another field of the same group.'),
      equals: z.string().describe('What its value must be.'),
    })
    .optional()
    .describe('Asked only when another field has a certain value.'),
});
export type ProviderField = z.infer<typeof ProviderField>;
const fields = (about: string) => z.record(z.string(), ProviderField).optional().describe(about);

export const Provider = z
  .looseObject({
    name: z.string().describe('The name in the catalogue, which integrations refer to.'),
    display_name: z.string().describe('The name to show.'),
    auth_mode: z.string().describe('How it grants access: `OAUTH2`, `OAUTH2_CC`, `API_KEY`, `BASIC`, `NONE` and others.'),
    categories: z.array(z.string()).optional().describe('What it is for.'),
    docs: z.string().optional().describe('Where its API is documented.'),
    docs_connect: z.string().optional().describe('A page that explains how to connect.'),
    connection_config: fields('What it needs to know of each connection besides credentials, by name.'),
    credentials: fields('The credentials it asks for, by name, where they differ from those of its auth mode.'),
    integration_config: fields('What is set once for the integration, by name.'),
    assertion_option: fields('What is needed once to connect and is not stored, by name.'),
    logo_url: z.string().describe('Address of its logo, an SVG.'),
    custom: z.literal(true).optional().describe('That it is one of the environment alone. Absent for those of the catalogue.'),
  })
  .describe('A provider with its full definition, as written in the catalogue.');
export type Provider = z.infer<typeof Provider>;
const CustomProvider = Provider.extend({ custom: z.literal(true).describe('That it is one of the environment alone.') });

/** The name of a provider of an environment's own. */
export const CustomProviderName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'Use lower-case letters, digits and -, and begin with a letter or a digit');
/** Characters of a definition. */
export const DEFINITION_LENGTH_MAX = 262_144;

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

const itsName = CustomProviderName.meta({
  description: 'The name of the provider: lower-case letters, digits and `-`, at most 64.',
  examples: ['acme-erp'],
});

/** Providers that an environment defines itself, in the form of the catalogue's files. */
export const customProviders = {
  save: defineRoute({
    method: 'PUT',
    path: '/providers/:provider',
    summary: 'Define a provider of your own, or change it',
    description:
      'The definition is YAML (JSON is YAML too) in the form of the files of the catalogue, with the same powers; `extends: <name>` begins from another provider. What does not fit is answered all at once as `invalid_body`: each of `errors` has a `path` into the definition and, where the text has such a place, `line` and `column`. `conflict` says that the name is taken by the catalogue, or that the change would break integrations or other providers that exist.',
    caller: 'apiKey',
    scope: ['environment:providers:write'],
    params: z.strictObject({ provider: itsName }),
    query: z.strictObject({
      dry_run: Flag.optional().describe('Check everything and store nothing. Default false.'),
    }),
    body: z.strictObject({
      yaml: z
        .string()
        .min(1)
        .max(DEFINITION_LENGTH_MAX)
        .describe(
          'The definition as you write it, comments included; at most 256 KiB. It must hold no secrets: whoever lists the providers reads it.',
        ),
    }),
    answer: z.object({
      data: CustomProvider.describe('The provider, with what it inherits.'),
      created: z.boolean().describe('Whether it is new; false for a change.'),
      used_by: z.array(z.string()).describe('The keys of the integrations that use it, which the change reaches at once.'),
    }),
    problems: ['conflict', 'resource_capped'],
  }),
  source: defineRoute({
    method: 'GET',
    path: '/providers/:provider/source',
    summary: 'Read the definition of a provider of your own as it was written',
    caller: 'apiKey',
    scope: ['environment:providers:read'],
    params: z.strictObject({ provider: itsName }),
    query: Nothing,
    answer: z.object({
      data: z
        .object({
          yaml: z.string().describe('The definition as it was sent.'),
          updated_at: z.string().describe('When it was changed last.'),
        })
        .describe('The definition.'),
    }),
    problems: ['unknown_provider_template'],
    wording: { unknown_provider_template: { code: 'not_found' } },
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/providers/:provider',
    summary: 'Delete a provider of your own that nothing uses',
    description: '`conflict` names the integrations that use it, or the providers that extend it: those go first.',
    caller: 'apiKey',
    scope: ['environment:providers:write'],
    params: z.strictObject({ provider: itsName }),
    query: Nothing,
    answer: Success,
    problems: ['unknown_provider_template', 'conflict'],
    wording: { unknown_provider_template: { code: 'not_found' } },
  }),
};
