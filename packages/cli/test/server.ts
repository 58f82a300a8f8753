/** An external deploy server for the tests: keeps every request and answers what it is told. Bodies are held against the wire's schemas. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const fileBody = z.strictObject({
  js: z.string().min(1),
  ts: z.string().min(1),
  files: z.record(z.string(), z.string()).optional(),
});
const name = z.string().regex(/^[a-zA-Z0-9_-]+$/);
const integration = z.string().regex(/^[a-zA-Z0-9~:.@ _-]+$/);

const flow = z
  .strictObject({
    type: z.enum(['sync', 'action']),
    syncName: name,
    providerConfigKey: integration,
    models: z.array(z.string().min(1).max(255)),
    input: z.string().optional(),
    runs: z.string().nullable(),
    auto_start: z.boolean().optional(),
    track_deletes: z.boolean().optional(),
    sync_type: z.enum(['full', 'incremental']).optional(),
    version: z.string().optional(),
    metadata: z.strictObject({ description: z.string().max(2000).optional(), scopes: z.array(z.string().max(255)).optional() }),
    attributes: z.record(z.string(), z.unknown()).optional(),
    endpoints: z.array(z.strictObject({ method: z.string(), path: z.string(), group: z.string().min(1).max(64).optional() })),
    webhookSubscriptions: z.array(z.string().max(255)).optional(),
    fileBody,
    models_json_schema: z.strictObject({ definitions: z.record(z.string(), z.record(z.string(), z.unknown())) }),
    features: z.array(z.enum(['checkpoints'])).optional(),
  })
  .refine(
    ({ models, input, models_json_schema }) =>
      [...models, ...(input ? [input] : [])].every((model) => model in models_json_schema.definitions),
    'a model has no schema',
  );

const events = z.enum(['post-connection-creation', 'pre-connection-deletion', 'validate-connection']);
const confirmation = z.strictObject({
  flowConfigs: z.array(flow),
  onEventScriptsByProvider: z
    .array(z.strictObject({ providerConfigKey: integration, scripts: z.array(z.strictObject({ name, event: events, fileBody })) }))
    .optional(),
  deployMode: z.enum(['all', 'integration', 'single']),
  allowEmpty: z.literal(true).optional(),
  reconcile: z.boolean(),
  debug: z.boolean(),
  sdkVersion: z.string().regex(/^\d+\.\d+\.\d+-(zero|yaml)$/),
});

/** The two request bodies, as strict as the wire is. */
export const bodies = {
  '/sync/deploy/confirmation': confirmation,
  '/sync/deploy': confirmation.extend({ nangoYamlBody: z.literal(''), source: z.enum(['repo', 'standalone']) }),
};

const nothing = {
  newSyncs: [],
  updatedSyncs: [],
  deletedSyncs: [],
  newActions: [],
  updatedActions: [],
  deletedActions: [],
  newOnEventScripts: [],
  updatedOnEventScripts: [],
  deletedOnEventScripts: [],
  deletedModels: [],
};

type Answers = { plan?: object; status?: number; refusal?: unknown };
type Recorded = { path: string; headers: IncomingHttpHeaders; body: z.infer<(typeof bodies)['/sync/deploy/confirmation']> };

export const startDeployServer = async ({ plan = {}, status = 200, refusal }: Answers = {}) => {
  const requests: Recorded[] = [];
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(404).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url === '/sync/deploy' ? '/sync/deploy' : '/sync/deploy/confirmation';
    const parsed = bodies[path].safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    const answer = (code: number, json: unknown): void => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    if (!parsed.success) return answer(400, { error: { code: 'invalid_body', errors: parsed.error.issues } });
    requests.push({ path: request.url ?? '', headers: request.headers, body: parsed.data });
    if (refusal !== undefined) return answer(status, refusal);
    if (path === '/sync/deploy/confirmation') return answer(200, { ...nothing, ...plan });
    return answer(
      200,
      parsed.data.flowConfigs.map(({ type, syncName, providerConfigKey, models }) => ({
        name: syncName,
        version: '1',
        providerConfigKey,
        type,
        models,
      })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { host: `http://127.0.0.1:${address.port}`, requests };
};
