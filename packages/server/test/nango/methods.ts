/**
 * The `nango` object, property by property and method by method: what a function does with it, and what it must see. `{api}` stands for the
 * address of the integration's API, which echoes below `/echo`. A case returns what it saw; `sync` cases may touch records.
 */
export type Case = {
  readonly what: string;
  readonly exec: string;
  readonly sees: unknown;
  readonly sync?: true;
};

/** The error an author catches, as far as it is worth comparing. */
const caught = (call: string) =>
  `try { return await (${call}) } catch (error) { return { name: error.name, type: error.type, code: error.code, message: error.message, payload: error.payload } }`;
const text = (part: string) => ({ contains: part });

const properties: Case[] = [
  {
    what: 'of an action',
    exec: `return [nango.connectionId, nango.providerConfigKey, nango.provider, nango.environmentName, nango.isCLI, nango.scriptType, nango.variant ?? 'none',
      ...['environmentId', 'accountId', 'nangoConnectionId', 'activityLogId', 'syncJobId'].map((name) => typeof nango[name])]`,
    sees: ['c-1', 'key', 'private-api-generic', 'dev', false, 'action', 'none', 'number', 'number', 'number', 'string', 'number'],
  },
  {
    what: 'of a sync',
    sync: true,
    exec: `return [nango.scriptType, nango.variant, nango.getVariant(), nango.lastSyncDate ?? 'none', nango.track_deletes, nango.emptyCache, typeof nango.syncId]`,
    sees: ['sync', 'base', 'base', 'none', false, false, 'string'],
  },
  {
    what: 'of an action: no records',
    exec: `return ['batchSave', 'batchUpdate', 'batchDelete', 'listRecords', 'getRecordsByIds', 'trackDeletesStart'].map((name) => typeof nango[name])`,
    sees: Array(6).fill('undefined'),
  },
  {
    what: 'methods taken off the object',
    exec: `const { get, getConnection, log } = nango; await log('x'); return [(await get({ endpoint: '/echo' })).status, (await getConnection()).connection_id]`,
    sees: [200, 'c-1'],
  },
];

const seen = (call: string, fields: string) =>
  `const { data } = await ${call}; return [${fields
    .split(' ')
    .map((field) => `data.${field}`)
    .join(', ')}]`;
const requests: Case[] = [
  ...['get', 'post', 'put', 'patch', 'delete'].map((verb) => ({
    what: `${verb} has its own method`,
    exec: seen(`nango.${verb}({ endpoint: '/echo', method: 'OPTIONS' })`, 'method url'),
    sees: [verb.toUpperCase(), '/echo'],
  })),
  {
    what: 'proxy is a GET by default, and takes any case',
    exec: `return [(await nango.proxy({ endpoint: 'echo' })).data.method, (await nango.proxy({ endpoint: '//echo', method: 'pUt' })).data.method]`,
    sees: ['GET', 'PUT'],
  },
  {
    what: 'an answer has status, data and headers in lower case',
    exec: `const { status, data, headers } = await nango.get({ endpoint: '/echo' }); return [status, data.method, headers['x-answer']]`,
    sees: [200, 'GET', 'yes'],
  },
  { what: 'an address that holds the base already', exec: seen(`nango.get({ endpoint: '{api}/echo?a=1' })`, 'url'), sees: ['/echo?a=1'] },
  {
    what: 'params as text, with and without the mark',
    exec: `return [(await nango.get({ endpoint: '/echo', params: '?a=1&b=2' })).data.url, (await nango.get({ endpoint: '/echo', params: 'a=1' })).data.url]`,
    sees: ['/echo?a=1&b=2', '/echo?a=1'],
  },
  {
    what: 'params as fields: lists joined, what is missing left out',
    exec: seen(`nango.get({ endpoint: '/echo', params: { a: 'x y', n: 0, list: [1, 2], none: undefined, nil: null } })`, 'url'),
    sees: ['/echo?a=x+y&n=0&list=1%2C2'],
  },
  {
    what: 'params beside those of the address',
    exec: seen(`nango.get({ endpoint: '/echo?a=1', params: { b: 2 } })`, 'url'),
    sees: ['/echo?a=1&b=2'],
  },
  {
    what: 'placeholders in an address stay: who steers it could have credentials sent to a place of their own',
    exec: seen(`nango.get({ endpoint: '/echo?a=$' + '{connectionConfig.region}' })`, 'url'),
    sees: [`/echo?a=$\{connectionConfig.region}`],
  },
  {
    what: 'headers of its own beside those of the provider',
    exec: seen(
      `nango.get({ endpoint: '/echo', headers: { 'X-Own': 'a', 'x-number': 7, 'x-none': undefined } })`,
      `headers['x-own'] headers['x-number'] headers['x-none'] headers['x-key']`,
    ),
    sees: ['a', '7', null, 'key of c-1'],
  },
  {
    what: 'fields as JSON',
    exec: seen(`nango.post({ endpoint: '/echo', data: { a: [1, null] } })`, `body type`),
    sees: ['{"a":[1,null]}', 'application/json'],
  },
  {
    what: 'a text as it is',
    exec: seen(`nango.post({ endpoint: '/echo', data: 'a=1&b=2', headers: { 'Content-Type': 'text/plain' } })`, 'body type'),
    sees: ['a=1&b=2', 'text/plain'],
  },
  { what: 'bytes as they are', exec: seen(`nango.put({ endpoint: '/echo', data: Buffer.from('héllo') })`, 'body'), sees: ['héllo'] },
  {
    what: 'a form',
    exec: seen(
      `nango.post({ endpoint: '/echo', data: { a: 1, b: { c: 'x y' } }, headers: { 'content-type': 'application/x-www-form-urlencoded' } })`,
      'body',
    ),
    sees: ['a=1&b%5Bc%5D=x+y'],
  },
  {
    what: 'a multipart form, a part for each key',
    exec: `const { data } = await nango.post({ endpoint: '/echo', data: { one: 'x', two: { b: 1 } }, headers: { 'content-type': 'multipart/form-data' } }); return [data.type.startsWith('multipart/form-data; boundary='), ...data.body.match(/name="\\w+"/g), data.body.includes('{"b":1}')]`,
    sees: [true, 'name="one"', 'name="two"', true],
  },
  { what: 'no body with a GET', exec: seen(`nango.get({ endpoint: '/echo', data: { a: 1 } })`, 'body'), sees: [''] },
  { what: 'a body with a DELETE', exec: seen(`nango.delete({ endpoint: '/echo', data: { a: 1 } })`, 'body'), sees: ['{"a":1}'] },
  {
    what: 'responseType arraybuffer is a Buffer',
    exec: `const { data } = await nango.get({ endpoint: '/bytes', responseType: 'arraybuffer' }); return [Buffer.isBuffer(data), [...data]]`,
    sees: [true, [0, 255, 10]],
  },
  {
    what: 'responseType stream is read in pieces',
    exec: `const { data } = await nango.get({ endpoint: '/bytes', responseType: 'stream' }); let size = 0; for await (const piece of data) size += piece.length; return size`,
    sees: 3,
  },
  {
    what: 'responseType text is not parsed',
    exec: `return typeof (await nango.get({ endpoint: '/echo', responseType: 'text' })).data`,
    sees: 'string',
  },
  {
    what: 'another base',
    exec: seen(`nango.get({ endpoint: '/echo', baseUrlOverride: '{api}/echo/other' })`, 'url'),
    sees: ['/echo/other/echo'],
  },
  {
    what: 'on behalf of another connection',
    exec: seen(`nango.get({ endpoint: '/echo', connectionId: 'c-2', providerConfigKey: 'key' })`, `headers['x-key']`),
    sees: ['key of c-2'],
  },
  {
    what: 'a redirect is followed',
    exec: `const { status, data } = await nango.get({ endpoint: '/moved' }); return [status, data.url]`,
    sees: [200, '/echo?moved'],
  },
  {
    what: 'retries after a 500',
    exec: `return (await nango.get({ endpoint: '/shaky', params: { of: 'retries' }, retries: 1 })).data.tries`,
    sees: 2,
  },
  {
    what: 'no retry unless asked for',
    exec: `try { await nango.get({ endpoint: '/shaky', params: { of: 'none' } }) } catch (error) { return error.response.status }`,
    sees: 500,
  },
  {
    what: 'retryOn adds a status',
    exec: `return (await nango.get({ endpoint: '/shaky', params: { of: 'retryOn', status: 409 }, retries: 1, retryOn: [409] })).data.tries`,
    sees: 2,
  },
  {
    what: 'retryHeader names where the wait is told',
    exec: `const { data } = await nango.get({ endpoint: '/shaky', params: { of: 'retryHeader', status: 429 }, retries: 1, retryHeader: { after: 'X-Wait' } }); return data.waitedMs >= 5000`,
    sees: true,
  },
  {
    what: 'an answer outside 2xx is thrown as axios throws it',
    exec: `try { await nango.get({ endpoint: '/refuses' }) } catch (error) { return [error instanceof Error, error.isAxiosError, error.name, error.code, error.message, error.status, error.response.status, error.response.data.why, error.response.headers['x-answer'], error.config.endpoint] }`,
    sees: [true, true, 'AxiosError', 'ERR_BAD_REQUEST', 'Request failed with status code 418', 418, 418, 'teapot', 'yes', '/refuses'],
  },
  {
    what: 'no answer is thrown with its code',
    exec: `try { await nango.get({ endpoint: '/reset' }) } catch (error) { return [error.isAxiosError, error.response ?? 'none', ['ECONNRESET', 'UND_ERR_SOCKET'].includes(error.code)] }`,
    sees: [true, 'none', true],
  },
  {
    what: 'a method nobody knows',
    exec: caught(`nango.proxy({ endpoint: '/echo', method: 'BREW' })`),
    sees: { name: 'Error', message: text(`'BREW' is not supported`) },
  },
];

const connection: Case[] = [
  {
    what: 'getConnection is remembered; an option asks again',
    exec: `const first = (await nango.getConnection()).metadata.n; await nango.post({ endpoint: '/changes-metadata', data: { n: 2 } });
      const kept = (await nango.getMetadata()).n; const fresh = (await nango.getConnection(undefined, undefined, { refreshToken: false })).metadata.n; await nango.updateMetadata({ n: 1 }); return [first, kept, fresh, (await nango.getMetadata()).n]`,
    sees: [1, 1, 2, 1],
  },
  {
    what: 'getConnection of another',
    exec: `const other = await nango.getConnection('key', 'c-2'); return [other.connection_id, other.credentials]`,
    sees: ['c-2', { type: 'API_KEY', apiKey: 'key of c-2' }],
  },
  {
    what: 'getConnection of nobody',
    exec: caught(`nango.getConnection('key', 'nobody')`),
    sees: { name: 'Error', code: 'unknown_connection' },
  },
  {
    what: 'updateMetadata merges, setMetadata replaces, both answer like axios',
    exec: `const a = (await nango.updateMetadata({ deep: { x: 1 } })).status; const merged = await nango.getMetadata(); const b = (await nango.setMetadata({ n: 1 })).status; return [a, merged, b, await nango.getMetadata()]`,
    sees: [200, { n: 1, deep: { x: 1 } }, 200, { n: 1 }],
  },
  {
    what: 'the older names of metadata',
    exec: `await nango.setFieldMapping({ a: 'b' }); const mapped = await nango.getFieldMapping(); await nango.setMetadata({ n: 1 }); return [mapped, await nango.getFieldMapping()]`,
    sees: [{ a: 'b' }, {}],
  },
  { what: 'getToken', exec: 'return nango.getToken()', sees: { type: 'API_KEY', apiKey: 'key of c-1' } },
  {
    what: 'getIntegration shows no secrets unless asked for',
    exec: `const bare = await nango.getIntegration(); const all = await nango.getIntegration({ include: ['webhook', 'credentials'] }); return [bare.unique_key, bare.provider, 'credentials' in bare, 'webhook_url' in bare, 'webhook_url' in all]`,
    sees: ['key', 'private-api-generic', false, false, true],
  },
  { what: 'getWebhookURL', exec: 'return nango.getWebhookURL()', sees: null },
  { what: 'getEnvironmentVariables', exec: 'return nango.getEnvironmentVariables()', sees: [{ name: 'A', value: '1' }] },
  { what: 'getFlowAttributes', exec: 'return nango.getFlowAttributes()', sees: {} },
];

const functions: Case[] = [
  {
    what: 'triggerAction answers with the output',
    exec: `return [await nango.triggerAction('key', 'c-1', 'echo', { a: 1 }), await nango.triggerAction('key', 'c-1', 'echo')]`,
    sees: [{ got: { a: 1 } }, { got: {} }],
  },
  {
    what: 'triggerAction of one that fails',
    exec: caught(`nango.triggerAction('key', 'c-1', 'fails')`),
    sees: { name: 'ActionError', type: 'action_script_runtime_error', payload: { message: 'no such city' } },
  },
  {
    what: 'triggerAction of nothing',
    exec: caught(`nango.triggerAction('key', 'c-1', 'nothing')`),
    sees: { code: 'not_found', message: text('nothing') },
  },
  {
    what: 'triggerSync by name, by variant, and in its older forms',
    exec: `for (const [sync, options] of [['idle'], [{ name: 'idle', variant: 'base' }, { reset: true }], ['idle', 'incremental'], ['idle', false]]) await nango.triggerSync('key', 'c-1', sync, options); return 'triggered'`,
    sees: 'triggered',
  },
  { what: 'triggerSync of nothing', exec: caught(`nango.triggerSync('key', 'c-1', 'nothing')`), sees: { message: text('nothing') } },
  {
    what: 'startSync',
    exec: `await nango.startSync('key', ['idle', { name: 'idle', variant: 'base' }], 'c-1'); return 'started'`,
    sees: 'started',
  },
];

const records: Case[] = [
  {
    what: 'batchSave of nothing',
    sync: true,
    exec: `return [await nango.batchSave([], 'Item'), await nango.batchSave(undefined, 'Item'), await nango.batchSend([], 'Item')]`,
    sees: [true, true, true],
  },
  {
    what: 'batchUpdate merges deeply, replaces lists, and leaves unknown ids alone',
    sync: true,
    exec: `await nango.batchSave([{ id: 'u', a: { x: 1, y: 2 }, list: [1, 2] }], 'Item'); await nango.batchUpdate([{ id: 'u', a: { y: 3 }, list: [9] }, { id: 'nobody', a: 1 }], 'Item');
      const found = await nango.getRecordsByIds(['u', 'nobody'], 'Item'); const { id, a, list } = found.get('u'); return [{ id, a, list }, found.size]`,
    sees: [{ id: 'u', a: { x: 1, y: 3 }, list: [9] }, 1],
  },
  {
    what: 'batchDelete keeps the payload',
    sync: true,
    exec: `await nango.batchSave([{ id: 'd', kept: 1 }], 'Item'); await nango.batchDelete([{ id: 'd' }], 'Item'); for await (const one of nango.listRecords('Item')) if (one.id === 'd') return [one.kept, one._nango_metadata.last_action, one._nango_metadata.deleted_at !== null]`,
    sees: [1, 'DELETED', true],
  },
  {
    what: 'a deleted record that is saved again is there again',
    sync: true,
    exec: `await nango.batchSave([{ id: 'd', kept: 2 }], 'Item'); return (await nango.getRecordsByIds(['d'], 'Item')).get('d')._nango_metadata.deleted_at`,
    sees: null,
  },
  {
    what: 'getRecordsByIds beyond a hundred, by the id as it was asked for',
    sync: true,
    exec: `await nango.batchSave(Array.from({ length: 250 }, (_, n) => ({ id: n + 1, n })), 'Item'); const found = await nango.getRecordsByIds([...Array.from({ length: 250 }, (_, n) => n + 1), 'missing'], 'Item'); return [found instanceof Map, found.size, found.get(250).n, found.get(250).id, found.has('missing')]`,
    sees: [true, 250, 249, '250', false],
  },
  {
    what: 'listRecords reads every page, with metadata',
    sync: true,
    exec: `const ids = new Set(); let whole = true; for await (const one of nango.listRecords('Item')) { ids.add(one.id); whole &&= typeof one._nango_metadata.cursor === 'string' } return [ids.size >= 250, whole]`,
    sees: [true, true],
  },
  {
    what: 'listRecords from a cursor',
    sync: true,
    exec: `let last; for await (const one of nango.listRecords('Item')) last = one; let more = 0; for await (const _ of nango.listRecords('Item', { cursor: last._nango_metadata.cursor })) more++; return more`,
    sees: 0,
  },
  {
    what: 'metadata of records is not stored with them',
    sync: true,
    exec: `const { _nango_metadata, ...rest } = (await nango.getRecordsByIds(['u'], 'Item')).get('u'); await nango.batchSave([{ ...rest, _nango_metadata: { forged: true } }], 'Item'); return (await nango.getRecordsByIds(['u'], 'Item')).get('u')._nango_metadata.forged ?? 'not stored'`,
    sees: 'not stored',
  },
  {
    what: 'of two records of one id in a batch the first counts',
    sync: true,
    exec: `await nango.batchSave([{ id: 'twice', n: 1 }, { id: 'twice', n: 2 }], 'Item'); return (await nango.getRecordsByIds(['twice'], 'Item')).get('twice').n`,
    sees: 1,
  },
  {
    what: 'a model that is not declared',
    sync: true,
    exec: caught(`nango.batchSave([{ id: '1' }], 'Other')`),
    sees: { type: 'invalid_sync_record', message: text('Item, Seen') },
  },
  ...["''", '0', 'null', 'undefined'].map(
    (id): Case => ({
      what: `the id ${id}`,
      sync: true,
      exec: caught(`nango.batchSave([{ id: ${id} }], 'Item')`),
      sees: { type: 'invalid_sync_record', message: text('Missing id') },
    }),
  ),
  {
    what: 'trackDeletesEnd without a start',
    sync: true,
    exec: caught(`nango.trackDeletesEnd('Item')`),
    sees: { message: text(`No track deletes starting point found for model 'Item'.`) },
  },
  {
    what: 'trackDeletesEnd tells what it deleted',
    sync: true,
    exec: `await nango.trackDeletesStart('Item'); await nango.batchSave([{ id: 'u', met: true }], 'Item'); const { deletedKeys } = await nango.trackDeletesEnd('Item'); return [deletedKeys.length > 250, deletedKeys.includes('twice'), deletedKeys.includes('u')]`,
    sees: [true, true, false],
  },
  {
    what: 'a merging strategy is set once',
    sync: true,
    exec: `await nango.setMergingStrategy({ strategy: 'ignore_if_modified_after' }, 'Item'); await nango.setMergingStrategy({ strategy: 'override' }, 'Item'); await nango.batchSave([{ id: 'u', merged: true }], 'Item'); return (await nango.getRecordsByIds(['u'], 'Item')).get('u').merged`,
    sees: true,
  },
];

const state: Case[] = [
  {
    what: 'a checkpoint is replaced as a whole, dates become texts, undefined is left out',
    exec: `const none = await nango.getCheckpoint(); await nango.saveCheckpoint({ a: 1, gone: true }); await nango.saveCheckpoint({ at: new Date(0), s: 'x', no: false, left: undefined }); const kept = await nango.getCheckpoint(); await nango.clearCheckpoint(); return [none, kept, await nango.getCheckpoint()]`,
    sees: [null, { at: '1970-01-01T00:00:00.000Z', s: 'x', no: false }, null],
  },
  ...['null', '{ a: null }', '{ a: [] }', '{ a: { b: 1 } }', '{ a: Number.NaN }', '[1]'].map(
    (value): Case => ({
      what: `${value} is no checkpoint`,
      exec: caught(`nango.saveCheckpoint(${value})`),
      sees: { name: 'Error', message: text(/^\{/.test(value) ? `Checkpoint field 'a'` : 'flat object') },
    }),
  ),
  {
    what: 'a key of 256 characters is none of a checkpoint',
    exec: caught(`nango.saveCheckpoint({ ['k'.repeat(256)]: 1 })`),
    sees: { code: 'invalid_arguments' },
  },
  {
    what: 'locks: taken, extended, released, all of them',
    exec: `const lock = { key: 'l', ttlMs: 60_000 }; return [await nango.tryAcquireLock(lock), await nango.tryAcquireLock(lock), await nango.releaseLock({ key: 'l' }), await nango.releaseLock({ key: 'l' }), await nango.tryAcquireLock(lock), (await nango.releaseAllLocks()) ?? 'nothing', await nango.releaseLock({ key: 'l' })]`,
    sees: [true, true, true, false, true, 'nothing', false],
  },
  { what: 'a lock for no time', exec: caught(`nango.tryAcquireLock({ key: 'l', ttlMs: 0 })`), sees: { code: 'invalid_arguments' } },
  {
    what: 'a lock with a key of 256 characters',
    exec: caught(`nango.tryAcquireLock({ key: 'k'.repeat(256), ttlMs: 1 })`),
    sees: { code: 'invalid_arguments' },
  },
];

const errors: Case[] = [
  {
    what: 'ActionError wraps what is no object',
    exec: `return [undefined, 'text', [1], 7, { a: 1 }].map((payload) => { const error = new nango.ActionError(payload); return [error instanceof Error, error.type, error.message, error.payload] })`,
    sees: [{}, { message: 'text' }, { message: [1] }, { message: 7 }, { a: 1 }].map((payload) => [
      true,
      'action_script_runtime_error',
      '',
      payload,
    ]),
  },
  {
    what: 'zodValidateInput answers what was parsed',
    exec: `const { z } = require('zod'); return nango.zodValidateInput({ zodSchema: z.object({ n: z.coerce.number() }), input: { n: '7', more: 1 } })`,
    sees: { success: true, data: { n: 7 } },
  },
  {
    what: 'zodValidateInput throws an ActionError',
    exec: `const { z } = require('zod'); ${caught(`nango.zodValidateInput({ zodSchema: z.object({ n: z.number() }), input: {} })`)}`,
    sees: { name: 'ActionError', type: 'action_script_runtime_error', payload: { message: 'Invalid input provided' } },
  },
];

const fetches: Case[] = [
  {
    what: 'answers a Response, without credentials',
    exec: `const answer = await nango.uncontrolledFetch({ url: new URL('{api}/echo?q=1') }); const { method, headers } = await answer.json(); return [answer instanceof Response, answer.ok, answer.headers.get('x-answer'), method, headers['x-key'] ?? 'none']`,
    sees: [true, true, 'yes', 'GET', 'none'],
  },
  {
    what: 'sends method, headers and body',
    exec: `const { method, headers, body } = await (await nango.uncontrolledFetch({ url: new URL('{api}/echo'), method: 'post', headers: { 'X-Own': 'a' }, body: 'b' })).json(); return [method, headers['x-own'], body]`,
    sees: ['POST', 'a', 'b'],
  },
  {
    what: 'does not throw for a status',
    exec: `return (await nango.uncontrolledFetch({ url: new URL('{api}/refuses') })).status`,
    sees: 418,
  },
  ...[
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [307, 'POST', 'POST', 'b'],
    [308, 'PUT', 'PUT', 'b'],
  ].map(
    ([status, method, then, body]): Case => ({
      what: `follows a ${status} after ${method} with ${then}`,
      exec: `const answer = await nango.uncontrolledFetch({ url: new URL('{api}/moved?status=${status}'), method: '${method}', body: 'b' }); const { method, body } = await answer.json(); return [answer.url.endsWith('/echo?moved'), method, body]`,
      sees: [true, then, body],
    }),
  ),
  {
    what: 'takes headers of its own along within an origin, and none to another',
    exec: `const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Own': 'kept' }; const seen = []; for (const where of ['', '&elsewhere']) { const { headers: got } = await (await nango.uncontrolledFetch({ url: new URL('{api}/moved?status=302' + where), headers })).json(); seen.push([got.authorization ?? 'none', got.cookie ?? 'none', got['x-own']]) } return seen`,
    sees: [
      ['Bearer x', 'a=b', 'kept'],
      ['none', 'none', null],
    ],
  },
  {
    what: 'refuses an address that is not public',
    exec: caught(`nango.uncontrolledFetch({ url: new URL('http://10.0.0.1/') })`),
    sees: { name: 'ActionError', payload: { code: 'url_not_allowed', message: text('10.0.0.1') } },
  },
  {
    what: 'refuses a redirect to one',
    exec: caught(`nango.uncontrolledFetch({ url: new URL('{api}/moved?status=302&to=http://10.0.0.1/') })`),
    sees: { name: 'ActionError', payload: { code: 'url_not_allowed' } },
  },
  {
    what: 'refuses what is not HTTP',
    exec: caught(`nango.uncontrolledFetch({ url: new URL('file:///etc/passwd') })`),
    sees: { name: 'ActionError', payload: { code: 'url_not_allowed' } },
  },
  {
    what: 'refuses a redirect to nowhere',
    exec: caught(`nango.uncontrolledFetch({ url: new URL('{api}/moved?status=302&to=ftp://example.com/') })`),
    sees: { name: 'ActionError', payload: { code: 'invalid_redirect' } },
  },
  {
    what: 'ends a loop of redirects',
    exec: caught(`nango.uncontrolledFetch({ url: new URL('{api}/moved?loop') })`),
    sees: { name: 'ActionError', payload: { code: 'too_many_redirects' } },
  },
];

const globals: Case[] = [
  {
    what: 'that functions find',
    exec: `return ['Buffer', 'URL', 'URLSearchParams', 'setTimeout', 'clearTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'AbortController', 'structuredClone', 'Headers', 'Response', 'FormData', 'Blob', 'crypto', 'performance', 'console', 'Intl', 'global'].filter((name) => typeof globalThis[name] === 'undefined')`,
    sees: [],
  },
  {
    what: 'that they do not',
    exec: `return ['Deno', 'fetch', 'Worker', 'WebSocket', 'EventSource', 'localStorage', 'caches', 'navigator', 'location', 'postMessage', 'prompt'].filter((name) => typeof globalThis[name] !== 'undefined')`,
    sees: [],
  },
  {
    what: 'instanceof holds for what methods answer',
    exec: `const found = await nango.getMetadata(); return [nango.getToken() instanceof Promise, found instanceof Object, (await nango.getEnvironmentVariables()) instanceof Array]`,
    sees: [true, true, true],
  },
  {
    what: 'modules by both names',
    exec: `return ['crypto', 'node:crypto', 'url', 'node:url', 'buffer', 'zod', 'nango', 'bowline'].map((name) => typeof require(name))`,
    sees: Array(8).fill('object'),
  },
  {
    what: 'modules that are refused',
    exec: `return ['fs', 'child_process', 'http', 'axios', './local'].map((name) => { try { require(name); return 'loaded' } catch (error) { return error.message === "Module '" + name + "' is not allowed" } })`,
    sees: Array(5).fill(true),
  },
];

export const methods: Readonly<Record<string, readonly Case[]>> = {
  properties,
  'proxy, get, post, put, patch, delete': requests,
  'the connection': connection,
  'other functions': functions,
  records,
  'checkpoints and locks': state,
  errors,
  uncontrolledFetch: fetches,
  globals,
};
