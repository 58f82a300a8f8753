/**
 * The backend of the component that maps fields: one route of your app, which decides itself who may map what. The rules are those of the
 * component, applied again to what the provider has now.
 */
import {
  type AppField,
  applyMapping,
  cleanMapping,
  judgeMapping,
  type Mappable,
  type Mapping,
  type MappingRequest,
  type ProviderField,
} from '@bowline/api/field-mapping';
import type { Bowline } from './client.ts';
import { BowlineError } from './errors.ts';

export type { AppField, FieldType, Mappable, Mapping, MappingIssue, ProviderField } from '@bowline/api/field-mapping';

/**
 * Of `fieldMappingHandler`.
 *
 * @example
 * import type { FieldMappingOptions } from '@bowline/node';
 * const fields: FieldMappingOptions['fields'] = [{ name: 'priority', type: 'number', required: true }];
 */
export type FieldMappingOptions = {
  client: Pick<Bowline, 'getMetadata' | 'updateMetadata' | 'startSync' | 'triggerAction'>;
  /** The fields of your app. */
  fields: readonly AppField[];
  /** An action that answers `{ fields: [{ id, label?, type? }], sample? }`: what the provider has, and a record to preview with. */
  listAction: string;
  /** An action that gets `{ mapping }` and answers a record with it applied. Default: the sample of `listAction` is used. */
  previewAction?: string | undefined;
  /** Started once the mapping is stored. */
  syncs: readonly string[];
  /** The key of the metadata that holds the mapping. Default: each field is a key of its own. */
  metadataKey?: string | undefined;
  /** Who asks, in your app, and for which connection; undefined to refuse. */
  authorize: (request: Request) => Promise<{ providerConfigKey: string; connectionId: string } | undefined>;
};
type On = { providerConfigKey: string; connectionId: string };

/**
 * Answers the component `<FieldMapping>` of `@bowline/browser`. Mount it at one route, for POST; it takes a web `Request` and gives a `Response`.
 *
 * @example
 * import { fieldMappingHandler } from '@bowline/node';
 * const handle = fieldMappingHandler({
 *   client,
 *   fields: [{ name: 'priority', label: 'Priority', type: 'number', required: true }],
 *   listAction: 'list-custom-fields',
 *   syncs: ['tickets'],
 *   authorize: async () => ({ providerConfigKey: 'zendesk', connectionId: 'user-1' }), // of who is signed in with you; undefined refuses
 * });
 */
export function fieldMappingHandler(options: FieldMappingOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    // A form of another site cannot send this type, so a signed-in person's browser cannot be made to map.
    if (request.method !== 'POST' || !request.headers.get('content-type')?.startsWith('application/json')) {
      return refuse(405, 'invalid_request', 'Send a POST with JSON');
    }
    const on = await options.authorize(request);
    if (!on) return refuse(403, 'forbidden', 'You may not map fields here');
    const asked = parse(await request.json().catch(() => undefined));
    if (!asked) return refuse(400, 'invalid_request', 'This is no request of the component');
    try {
      return await answers[asked.do](options, on, 'mapping' in asked ? cleanMapping(options.fields, asked.mapping) : {});
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      return refuse(502, error.code, 'The provider could not be asked; try again');
    }
  };
}

type Answer = (options: FieldMappingOptions, on: On, mapping: Mapping) => Promise<Response>;
const answers: Record<MappingRequest['do'], Answer> = {
  list: async (options, on) => {
    const [{ fields: available }, metadata] = await Promise.all([
      list(options, on),
      options.client.getMetadata(on.providerConfigKey, on.connectionId),
    ]);
    const stored = options.metadataKey === undefined ? metadata : metadata[options.metadataKey];
    const fields = [...options.fields];
    return Response.json({ fields, available, mapping: cleanMapping(fields, Object(stored)) } satisfies Mappable);
  },
  preview: async (options, on, mapping) => {
    const { client, previewAction: action } = options;
    if (action !== undefined)
      return Response.json(await client.triggerAction<{ mapping: Mapping }, object>({ ...on, action, input: { mapping } }));
    return Response.json(applyMapping((await list(options, on)).sample ?? {}, mapping));
  },
  save: async (options, on, mapping) => {
    const { fields: available } = await list(options, on);
    const issues = judgeMapping({ fields: [...options.fields], available, mapping });
    if (issues.length > 0) return refuse(400, 'invalid_mapping', 'The mapping cannot be stored as it is', issues);
    const metadata = options.metadataKey === undefined ? mapping : { [options.metadataKey]: mapping };
    await options.client.updateMetadata(on.providerConfigKey, on.connectionId, metadata);
    return Response.json({ ok: true });
  },
  start: async ({ client, syncs }, on) => {
    await client.startSync(on.providerConfigKey, syncs, on.connectionId);
    return Response.json({ ok: true });
  },
};

type Listed = { fields: ProviderField[]; sample?: Record<string, unknown> };

async function list({ client, listAction: action }: FieldMappingOptions, on: On): Promise<Listed> {
  return client.triggerAction<undefined, Listed>({ ...on, action });
}

function parse(body: unknown): MappingRequest | undefined {
  const { do: what, mapping } = Object(body);
  if (what === 'list' || what === 'start') return { do: what };
  if ((what === 'preview' || what === 'save') && typeof mapping === 'object' && mapping !== null) return { do: what, mapping };
  return undefined;
}

function refuse(status: number, code: string, message: string, issues?: object[]): Response {
  return Response.json({ error: { code, message, ...(issues ? { issues } : {}) } }, { status });
}
