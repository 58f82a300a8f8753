/** Bundles: functions with one trigger each, deployed together. What is in the scope of a bundle and not in it is deleted. Stands beside `/sync/deploy`. */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const Text = z.string().min(1).max(255);
const triggers = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none').describe('It is called: an action.') }),
  z.strictObject({
    kind: z.literal('schedule').describe('It runs on schedule: a sync.'),
    frequency: z.string().min(1).max(64).describe('How often, such as `every 5 minutes`; from 30 seconds to 31 days.'),
    autoStart: z.boolean().optional().describe('Begin by itself on a new connection. Default false.'),
  }),
  z.strictObject({
    kind: z.literal('http').describe('Webhooks of the provider. Refused: they are not received yet.'),
    subscriptions: z.array(Text).optional().describe('The webhooks.'),
    debounce: JsonObject.optional().describe('How many at once become one run.'),
  }),
  z.strictObject({
    kind: z.literal('event').describe('Something happens to a connection: an on-event function.'),
    events: z
      .array(Text)
      .min(1)
      .max(20)
      .describe('What happens: `post-connection-creation`, `pre-connection-deletion` or `validate-connection`. Exactly one here.'),
  }),
]);
const Requires = z.union([
  z.strictObject({
    connection: z.literal(true).optional().describe('It runs for a connection. Default true.'),
    outbound: z.boolean().optional().describe('It calls the provider.'),
    invoke: z.boolean().optional().describe('It calls other functions.'),
  }),
  z.strictObject({
    connection: z.literal(false).describe('It runs for no connection.'),
    outbound: z.literal(false).optional().describe('Without a connection it calls no provider.'),
    invoke: z.boolean().optional().describe('It calls other functions.'),
  }),
]);
const Reference = z
  .string()
  .max(300)
  .regex(/^#\/definitions\/[^/]+$/, 'Must point to a definition: #/definitions/<name>');

export const BundledFunction = z
  .strictObject({
    name: Name.describe('The name, unique in the integration.'),
    integrationId: ProviderConfigKey,
    description: z.string().max(2000).describe('What it does.'),
    trigger: triggers.describe('What makes it run, which decides what kind of function it is here.'),
    requires: Requires.describe('What it needs.'),
    capabilities: z
      .strictObject({
        usesRecords: z.boolean().describe('It saves records; `model_schema_refs` must say the same.'),
        usesOutbound: z.boolean().describe('It calls the provider; `requires.outbound` must say the same.'),
        usesCheckpoints: z.boolean().describe('It keeps checkpoints; `checkpoint_schema_ref` must say the same.'),
        usesMetadata: z.boolean().describe('It reads metadata; `metadata_schema_ref` must say the same.'),
        usesInvoke: z.boolean().describe('It calls other functions; `requires.invoke` must say the same.'),
      })
      .describe('What it does of all that the platform offers.'),
    limits: z
      .strictObject({
        concurrency: z
          .strictObject({
            perConnection: z
              .union([z.literal(1), z.literal('max')])
              .describe('Runs of one connection at the same time. Taken, but not held to here yet.'),
          })
          .optional()
          .describe('How much runs at once.'),
      })
      .describe('How much of it may run.'),
    input_schema_ref: Reference.nullable().describe('Its input, as a reference into `json_schema`; null for none.'),
    output_schema_ref: Reference.nullable().describe('Its output, as a reference into `json_schema`; null for none.'),
    model_schema_refs: z.array(Reference).max(100).describe('Its models, as references into `json_schema`. At most 100.'),
    metadata_schema_ref: Reference.nullable().describe('The metadata it reads, as a reference into `json_schema`; null for none.'),
    checkpoint_schema_ref: Reference.nullable().describe('Its checkpoint, as a reference into `json_schema`; null for none.'),
    json_schema: z
      .looseObject({ definitions: z.record(z.string(), JsonObject).optional().describe('A JSON Schema by name.') })
      .describe('What the references point into.'),
    fileBody: z
      .strictObject({
        js: z.string().min(1).describe('The code to run: one CommonJS file.'),
        ts: z.string().min(1).describe('The source, to show.'),
      })
      .describe('Its code.'),
  })
  .superRefine((fn, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', message, path });
    const { capabilities: uses, requires } = fn;
    for (const [name, declared, from] of [
      ['usesRecords', fn.model_schema_refs.length > 0, 'model_schema_refs'],
      ['usesMetadata', fn.metadata_schema_ref !== null, 'metadata_schema_ref'],
      ['usesCheckpoints', fn.checkpoint_schema_ref !== null, 'checkpoint_schema_ref'],
      ['usesOutbound', requires.outbound === true, 'requires.outbound'],
      ['usesInvoke', requires.invoke === true, 'requires.invoke'],
    ] as const)
      if (uses[name] !== declared) refuse(['capabilities', name], `Is ${uses[name]}, but ${from} says ${declared}`);
    const refs = [fn.input_schema_ref, fn.output_schema_ref, fn.metadata_schema_ref, fn.checkpoint_schema_ref, ...fn.model_schema_refs];
    for (const ref of refs)
      if (ref !== null && !fn.json_schema.definitions?.[nameOf(ref)]) refuse(['json_schema', 'definitions'], `Has no ${nameOf(ref)}`);
    if (fn.trigger.kind === 'http')
      refuse(['trigger', 'kind'], 'This server does not receive webhooks yet; deploy the function without them');
  });
export type BundledFunction = z.output<typeof BundledFunction>;

/** `#/definitions/Issue` names `Issue`. */
export const nameOf = (reference: string): string => reference.slice('#/definitions/'.length);

export const FunctionBundle = z
  .strictObject({
    reconciliationScope: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('environment').describe('All integrations.') }),
        z.strictObject({ kind: z.literal('integration').describe('One integration.'), integrationId: ProviderConfigKey }),
      ])
      .describe('What the bundle is about: functions of earlier bundles in there that are missing are deleted.'),
    functions: z.array(BundledFunction).max(1000).describe('The functions, at most 1,000.'),
  })
  .superRefine(({ reconciliationScope: within, functions }, context) => {
    const seen = new Set<string>();
    functions.forEach(({ integrationId, name }, index) => {
      const refuse = (key: string, message: string) =>
        context.addIssue({ code: 'custom', message, path: ['functions', String(index), key] });
      if (within.kind === 'integration' && integrationId !== within.integrationId)
        refuse('integrationId', `Is not the integration "${within.integrationId}" that this bundle is about`);
      if (seen.has(`${integrationId}/${name}`)) refuse('name', `Occurs twice in ${integrationId}`);
      seen.add(`${integrationId}/${name}`);
    });
  });
export type FunctionBundle = z.output<typeof FunctionBundle>;

const Named = z.array(
  z.object({ integrationId: z.string().describe('The key of the integration.'), name: z.string().describe('The name of the function.') }),
);
export const BundlePlan = z.object({
  created: Named.describe('Functions that were not there.'),
  updated: Named.describe('Functions that differ from those that were there.'),
  unchanged: Named.describe('Functions that are there just so.'),
  deleted: Named.describe('Functions of earlier bundles that this one does not hold.'),
});
export type BundlePlan = z.infer<typeof BundlePlan>;

const shared = {
  method: 'POST',
  caller: 'apiKey',
  scope: ['environment:deploy'],
  query: Nothing,
  body: FunctionBundle,
  answer: BundlePlan,
  wording: { unknown_provider_config: { code: 'integration_not_found', status: 400 } },
} as const;

export const bundles = {
  deploy: defineRoute({
    ...shared,
    path: '/functions/deployments/bundle',
    summary: 'Deploy a bundle of functions, and delete those of earlier bundles that it does not hold',
    description:
      'All of it is deployed, or nothing. Functions that were deployed in another way are left alone; a bundle that holds one of their names is `invalid_request`.',
    problems: ['unknown_provider_config', 'invalid_request', 'concurrent_deployment'],
  }),
  preview: defineRoute({
    ...shared,
    path: '/functions/deployments/bundle/preview',
    summary: 'What deploying a bundle would change; nothing is changed',
    problems: ['unknown_provider_config', 'invalid_request'],
  }),
};
