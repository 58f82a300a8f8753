/** Author code, checked by `inference.test.ts` under the compiler options of functions. Each `@ts-expect-error` is a guarantee. */
import type { BowlineSync, NangoAction, NangoSync, ProxyConfiguration } from '@bowline/functions';
import { createAction, createOnEvent, createSync } from '@bowline/functions';
import { z } from 'zod';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_Claim extends true>(): void => undefined;

const Issue = z.object({ id: z.string(), title: z.string() });
const Label = z.looseObject({ id: z.string(), color: z.string().optional() });

const sync = createSync({
  description: 'two models, metadata, checkpoint',
  frequency: 'every hour',
  models: { Issue, Label },
  metadata: z.object({ repo: z.string(), mapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: z.object({ since: z.string(), page: z.number(), done: z.boolean().optional(), phase: z.enum(['a', 'b']) }),
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    holds<Equal<typeof metadata.repo, string>>();
    const other = await nango.getMetadata<{ other: number }>();
    holds<Equal<typeof other.other, number>>();

    const checkpoint = await nango.getCheckpoint();
    holds<Equal<typeof checkpoint, { since: string; page: number; done?: boolean | undefined; phase: 'a' | 'b' } | null>>();
    await nango.saveCheckpoint({ since: '', page: 1, phase: 'a' });
    // @ts-expect-error a checkpoint is saved whole
    await nango.saveCheckpoint({ since: '' });

    const response = await nango.get({ endpoint: '/x' });
    const nested = response.data.items[0].name.trim();
    holds<Equal<typeof nested, (typeof response)['data']>>();
    const { link } = response.headers;
    await nango.log('link', { link }, { level: 'warn' });
    const typed = await nango.get<{ a: number }>({ endpoint: '/x' });
    holds<Equal<typeof typed.data, { a: number }>>();

    for await (const page of nango.paginate<{ id: number }>({
      endpoint: '/x',
      paginate: { type: 'link', limit: 100, limit_name_in_request: 'per_page' },
    })) {
      holds<Equal<typeof page, { id: number }[]>>();
      await nango.batchSave(
        page.map((item) => ({ id: String(item.id), title: 'x' })),
        'Issue',
      );
    }
    await nango.batchDelete([{ id: '1' }], 'Label');
    await nango.batchUpdate([{ id: '1', title: 'only some' }], 'Issue');
    // @ts-expect-error not a model of this sync
    await nango.batchSave([{ id: '1', title: 'x' }], 'Comment');
    // @ts-expect-error the id must be a string
    await nango.batchSave([{ id: 1, title: 'x' }], 'Issue');
    // @ts-expect-error neither model has this shape
    await nango.batchSave([{ id: '1', title: 5, color: 7 }], 'Issue');
    await nango.trackDeletesStart('Issue');
    // @ts-expect-error not a model of this sync
    await nango.trackDeletesEnd('Comment');
    await takesAny(nango);
    await takesSync(nango);
    await takesAction(nango);
    await takesLocal(nango);
  },
  onWebhook: async (nango, payload) => {
    await nango.batchSave([{ id: String(payload.issue.id), title: payload.issue.title }], 'Issue');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
const takesLocal = async (nango: NangoSyncLocal) => {
  await nango.batchSave([{ id: '1', title: 'x' }], 'Issue');
  // @ts-expect-error not a model of this sync
  await nango.batchSave([{ id: '1', title: 'x' }], 'Comment');
};
const takesSync = async (nango: NangoSync) => nango.batchSave([{ id: '1', anything: true }], 'Whatever');
const takesAny = async (nango: BowlineSync) => nango.variant;
const takesAction = async (nango: NangoAction) => (await nango.getConnection()).connection_config;

export const bare = createSync({
  description: 'no metadata, no checkpoint',
  frequency: 'every hour',
  models: { Issue },
  exec: async (nango) => {
    const metadata = await nango.getMetadata();
    holds<Equal<typeof metadata, never>>();
    await takesSync(nango);
    // @ts-expect-error no checkpoint was declared
    await nango.saveCheckpoint({ since: '' });
  },
});

export const action = createAction({
  description: 'typed both ways',
  input: z.object({ repo: z.string(), count: z.coerce.number() }),
  output: z.object({ url: z.string() }),
  exec: async (nango, input) => {
    holds<Equal<typeof input, { repo: string; count: number }>>();
    const config: ProxyConfiguration = { endpoint: '/x', params: { a: 1, b: ['c'] }, data: { any: 'thing' }, retries: 3, retryOn: [404] };
    const { data } = await nango.post(config);
    if (!data.ok) throw new nango.ActionError({ message: 'no', type: 'not_found' });
    // @ts-expect-error records belong to syncs
    nango.batchSave;
    const connection = await nango.getConnection();
    if (connection.credentials.type === 'BASIC') await nango.log(connection.credentials.username);
    if ('apiKey' in connection.credentials) await nango.log(connection.credentials.apiKey);
    await takesAction(nango);
    const parsed = await nango.zodValidateInput({ zodSchema: Issue, input });
    return { url: parsed.data.title, extra: data.anything };
  },
});
export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
holds<Equal<(typeof action)['type'], 'action'>>();

export const refusesOutput = createAction({
  description: '',
  input: z.void(),
  output: z.object({ url: z.string() }),
  // @ts-expect-error the output has a url
  exec: async () => ({ link: 'x' }),
});

export const scalar = createAction({ description: '', input: z.void(), output: z.null(), exec: () => null });

export const union = createAction({
  description: '',
  input: z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), a: z.string() }), z.object({ kind: z.literal('b') })]),
  output: z.array(z.string()),
  exec: async (_nango, input) => (input.kind === 'a' ? [input.a] : []),
});

const withoutId = { Issue: z.object({ title: z.string() }) };
// @ts-expect-error a model needs a string id
export const noId = createSync({ description: '', frequency: 'every hour', models: withoutId, exec: () => undefined });

const nested = { models: { Issue }, checkpoint: z.object({ a: z.object({ b: z.string() }) }) };
// @ts-expect-error a checkpoint is flat
export const deep = createSync({ description: '', frequency: 'every hour', ...nested, exec: () => undefined });

export const onEvent = createOnEvent({
  description: '',
  event: 'validate-connection',
  exec: async (nango) => {
    await nango.log(nango.connectionId);
  },
});

// @ts-expect-error no such event
export const badEvent = createOnEvent({ description: '', event: 'post-deploy', exec: () => undefined });

/** What authors hand over to helpers and read back, as they write it. */
export const habits = createAction({
  description: '',
  version: '1.0.0',
  input: z.object({ limit: z.string().transform(Number).default(5), tags: z.array(z.string()).optional() }),
  output: z.object({ ok: z.boolean() }),
  metadata: z.object({ cursor: z.string().optional() }),
  checkpoint: z.object({ page: z.number() }),
  exec: async (nango, input) => {
    // As already parsed, though nothing parses it before.
    holds<Equal<typeof input, { limit: number; tags?: string[] | undefined }>>();
    // @ts-expect-error lists are read with what may be missing in mind
    input.tags?.[0].trim();
    const { data } = await nango.get<Record<string, string>>({ endpoint: '/x' });
    const maybe = Object.values(data)[0];
    holds<Equal<typeof maybe, string | undefined>>();
    const config: ProxyConfiguration = {
      endpoint: '/x',
      ...(maybe === undefined ? {} : { params: { name: maybe } }),
      responseType: 'arraybuffer',
    };
    // @ts-expect-error parameters hold neither booleans nor what is missing
    const wrong: ProxyConfiguration = { endpoint: '/x', params: { all: true } };
    // @ts-expect-error a key that may be missing is left out, not undefined
    const missing: ProxyConfiguration = { endpoint: '/x', retries: undefined };
    // @ts-expect-error no way to go through pages is called so
    const pages: ProxyConfiguration = { endpoint: '/x', paginate: { type: 'token' } };
    const elsewhere: ProxyConfiguration = {
      ...config,
      method: 'POST',
      connectionId: 'c',
      providerConfigKey: 'p',
      baseUrlOverride: 'https://a.b',
    };
    for await (const page of nango.paginate({
      ...elsewhere,
      paginate: { response_path: 'items', on_page: async ({ nextPageParam }) => void nextPageParam },
    }))
      holds<Equal<typeof page, (typeof page)[number][]>>();
    await nango.saveCheckpoint({ page: 1 });
    // @ts-expect-error the checkpoint has a page
    await nango.saveCheckpoint({ since: '' });
    const response: Response = await nango.uncontrolledFetch({ url: new URL('https://a.b') });
    // @ts-expect-error the address is a URL
    await nango.uncontrolledFetch({ url: 'https://a.b' });
    const token = await nango.getToken();
    if (typeof token === 'string') await nango.log(token.length, 'of', response.status);
    const { get, log } = nango;
    await log((await get({ endpoint: '/x' })).status);
    const other: unknown = await nango.triggerAction('p', 'c', 'name', { a: 1 });
    const variables = await nango.getEnvironmentVariables();
    for (const { name, value } of variables ?? []) holds<Equal<[typeof name, typeof value], [string, string]>>();
    if (await nango.tryAcquireLock({ key: 'k', ttlMs: 1000 })) await nango.releaseLock({ key: 'k' });
    void [wrong, missing, pages, other];
    const made = { ok: true, more: 'than asked' };
    return made;
  },
});
export type HabitsLocal = Parameters<(typeof habits)['exec']>[0];
const takesHabits = async (nango: HabitsLocal): Promise<number | undefined> => (await nango.getCheckpoint())?.page;
void takesHabits;

export const refusesInput = createAction({
  description: '',
  input: z.object({ a: z.string() }),
  output: z.null(),
  exec: (_nango, input) => {
    // @ts-expect-error the input has no such field
    input.b;
    return null;
  },
});

// @ts-expect-error a sync says how often it runs
export const withoutFrequency = createSync({ description: '', models: { Issue }, exec: () => undefined });
// @ts-expect-error an action says what it takes
export const withoutInput = createAction({ description: '', output: z.null(), exec: () => null });
