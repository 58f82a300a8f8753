/** Bundles: functions with one trigger each, deployed together. What is in the scope of a bundle and not in it is deleted. Stands beside `/sync/deploy`. */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const Text = z.string().min(1).max(255);
const triggers = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('schedule'), frequency: z.string().min(1).max(64), autoStart: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('http'), subscriptions: z.array(Text).optional(), debounce: JsonObject.optional() }),
  z.strictObject({ kind: z.literal('event'), events: z.array(Text).min(1).max(20) }),
]);
const Requires = z.union([
  z.strictObject({ connection: z.literal(true).optional(), outbound: z.boolean().optional(), invoke: z.boolean().optional() }),
  z.strictObject({ connection: z.literal(false), outbound: z.literal(false).optional(), invoke: z.boolean().optional() }),
]);
const Reference = z
  .string()
  .max(300)
  .regex(/^#\/definitions\/[^/]+$/, 'Must point to a definition: #/definitions/<name>');

export const BundledFunction = z
  .strictObject({
    name: Name,
    integrationId: ProviderConfigKey,
    description: z.string().max(2000),
    trigger: triggers,
    requires: Requires,
    capabilities: z.strictObject({
      usesRecords: z.boolean(),
      usesOutbound: z.boolean(),
      usesCheckpoints: z.boolean(),
      usesMetadata: z.boolean(),
      usesInvoke: z.boolean(),
    }),
    limits: z.strictObject({ concurrency: z.strictObject({ perConnection: z.union([z.literal(1), z.literal('max')]) }).optional() }),
    input_schema_ref: Reference.nullable(),
    output_schema_ref: Reference.nullable(),
    model_schema_refs: z.array(Reference).max(100),
    metadata_schema_ref: Reference.nullable(),
    checkpoint_schema_ref: Reference.nullable(),
    json_schema: z.looseObject({ definitions: z.record(z.string(), JsonObject).optional() }),
    fileBody: z.strictObject({ js: z.string().min(1), ts: z.string().min(1) }),
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
    reconciliationScope: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('environment') }),
      z.strictObject({ kind: z.literal('integration'), integrationId: ProviderConfigKey }),
    ]),
    functions: z.array(BundledFunction).max(1000),
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

const Named = z.array(z.object({ integrationId: z.string(), name: z.string() }));
export const BundlePlan = z.object({ created: Named, updated: Named, unchanged: Named, deleted: Named });
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
    problems: ['unknown_provider_config', 'invalid_request', 'concurrent_deployment'],
  }),
  preview: defineRoute({
    ...shared,
    path: '/functions/deployments/bundle/preview',
    summary: 'What deploying a bundle would change; nothing is changed',
    problems: ['unknown_provider_config', 'invalid_request'],
  }),
};
