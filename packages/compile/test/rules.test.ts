/** Each rule where it must speak and where it must be silent, on source as authors write it. */
import { compileSource } from '@bowline/compile/source';
import { describe, expect, it } from 'vitest';

const entry = { file: 'function.ts', integration: 'crm', name: 'function', out: 'function' };

/** `error code:line` of each, the body of `exec` beginning in line 1. */
const found = async (body: string, options = ''): Promise<string[]> => {
  const source = `import { createSync } from 'nango'; import { z } from 'zod'; export default createSync({ description: 'd', frequency: 'every hour', models: { Item: z.object({ id: z.string() }) }, ${options} exec: async (nango) => {\n${body}\n} });`;
  const { problems } = await compileSource(entry, source);
  return problems.map(({ severity, code, line = 0 }) => `${severity} ${code}:${line - 1}`);
};

const start = "await nango.trackDeletesStart('Item');";
const end = "await nango.trackDeletesEnd('Item');";
const save = "await nango.batchSave([{ id: '1' }], 'Item');";
const strategy = "await nango.setMergingStrategy({ strategy: 'override' }, 'Item');";
const remove = "await nango.deleteRecordsFromPreviousExecutions('Item');";
const get = "const { data } = await nango.get({ endpoint: '/items' });";

describe('what is wrong is told at its line', () => {
  it.each<[string, string, string[]]>([
    ['a dropped call', 'nango.log("x");', ['error method_need_await:1']],
    ['a dropped call behind a condition', 'if (nango) { nango && nango.log("x"); }', ['error method_need_await:1']],
    ['either of two', 'Math.abs(1) ? nango.log("a") : nango.log("b");', ['error method_need_await:1', 'error method_need_await:1']],
    ['void before what saves', `void nango.batchSave([], 'Item');`, ['error method_need_await:1']],
    ['finally, after which nobody waits', 'nango.get({ endpoint: "/" }).finally(() => {});', ['error method_need_await:1']],
    ['a promise that is kept and forgotten', 'const forgotten = nango.get({ endpoint: "/" });', ['error method_need_await:1']],
    ['forEach', `[1].forEach((n) => nango.log(String(n)));`, ['error method_need_await:1']],
    ['a list of promises that is dropped', `[1].map((n) => nango.log(String(n)));`, ['error method_need_await:1']],
    ['forEach of an async function', `[1].forEach(async (n) => {\n await nango.log(String(n)); });`, ['warning method_need_await:1']],
    ['a lock that is dropped', 'nango.releaseLock({ key: "a" });', ['error method_need_await:1']],
    ['a checkpoint that is dropped', 'nango.saveCheckpoint({ a: 1 });', ['error method_need_await:1']],
    ['retryOn alone', 'await nango.get({ endpoint: "/", retryOn: [404] });', ['error retryon_need_retries:1']],
    ['console', 'console.log(1);', ['warning console_is_silent:1']],

    ['a strategy after a save', `${start}\n${save}\n${strategy}\n${end}`, ['error merging_strategy_order:3']],
    ['a strategy after a request', `${get}\n${strategy}\nawait nango.log(data);`, ['error merging_strategy_order:2']],
    ['a strategy after a request of some runs', `if (Math.random() > 0.5) {\n${get}\n}\n${strategy}`, ['warning merging_strategy_order:4']],
    ['a save after previous executions are deleted', `${save}\n${remove}\n${save}`, ['error delete_previous_order:3']],
    ['previous executions deleted twice', `${save}\n${remove}\n${remove}`, ['error delete_previous_order:3']],

    ['a start without end', `${start}\n${save}`, ['error track_deletes_unpaired:1']],
    ['an end without start', `${save}\n${end}`, ['error track_deletes_unpaired:2']],
    ['two starts', `${start}\n${start}\n${save}\n${end}`, ['error track_deletes_order:2']],
    ['two ends', `${start}\n${save}\n${end}\n${end}`, ['error track_deletes_order:4']],
    [
      'the end first',
      `${end}\n${save}\n${start}`,
      ['error track_deletes_order:1', 'error track_deletes_order:2', 'error track_deletes_order:2'],
    ],
    ['a save before the start', `${save}\n${start}\n${save}\n${end}`, ['error track_deletes_order:1']],
    ['a save before the start in some runs', `if (Math.abs(1)) {\n${save}\n}\n${start}\n${end}`, ['warning track_deletes_order:2']],
    ['a save after the end', `${start}\n${end}\n${save}`, ['error track_deletes_order:3']],
    ['a crawl for each turn of a loop', `for (const n of [1, 2]) {\n${start}\n${save}\n${end}\n}`, ['warning track_deletes_order:2']],

    [
      'while (true) without a way out',
      `${start}\nwhile (true) {\n${get}\nawait nango.batchSave(data, 'Item');\n}\n${end}`,
      ['warning unbounded_pagination:2'],
    ],
    ['for (;;) without a way out', `for (;;) {\n${get}\nawait nango.log(data);\n}`, ['warning unbounded_pagination:1']],
    [
      'a condition that nothing changes',
      `let more = true; more = Boolean(1);\nwhile (more) {\n${get}\nawait nango.log(data);\n}`,
      ['warning unbounded_pagination:2'],
    ],
    [
      'a break of an inner loop alone',
      `while (true) {\n${get}\nfor (const one of data) { if (one) break; }\n}`,
      ['warning unbounded_pagination:1'],
    ],
    [
      'recursion without a condition',
      `const next = async (page: number): Promise<void> => {\n${get}\nawait nango.log(data);\nawait next(page + 1);\n};\nawait next(1);`,
      ['warning unbounded_pagination:1'],
    ],

    [
      'the time of the run in a field',
      `${start}\n${get}\nawait nango.batchSave(data.map((one: any) => ({\nid: one.id,\nfetched_at: new Date().toISOString() })), 'Item');\n${end}`,
      ['warning volatile_field:5'],
    ],
    [
      'the time from a variable',
      `${start}\nconst now = Date.now();\nawait nango.batchSave([{ id: '1',\nat: now }], 'Item');\n${end}`,
      ['warning volatile_field:4'],
    ],
    [
      'a random field of a pushed record',
      `${start}\nconst all: any[] = [];\nall.push({ id: '1',\nn: Math.random() });\nawait nango.batchSave(all, 'Item');\n${end}`,
      ['warning volatile_field:4'],
    ],
    [
      'a field made by a function',
      `${start}\nconst toItem = (one: any) => {\nreturn { id: one.id, meta: {\nseen: Date.now() } }; };\n${get}\nawait nango.batchSave(data.map(toItem), 'Item');\n${end}`,
      ['warning volatile_field:4'],
    ],
    [
      'an id that is made up',
      `${start}\nawait nango.batchSave([{\nid: crypto.randomUUID() }], 'Item');\n${end}`,
      ['warning volatile_field:3'],
    ],

    [
      'a sync that reads everything and never looks for deletions',
      `${get}\nawait nango.batchSave(data, 'Item');`,
      ['warning untracked_deletes:0'],
    ],
    [
      'a checkpoint that is read and never saved',
      `const at = await nango.getCheckpoint();\nfor await (const page of nango.paginate({ endpoint: '/', params: { at } })) {\nawait nango.batchSave(page, 'Item');\n}`,
      ['warning missing_checkpoint:1'],
    ],
    [
      'pages since the last run',
      `const since = nango.lastSyncDate;\nfor await (const page of nango.paginate({ endpoint: '/', params: { since } })) {\nawait nango.batchSave(page, 'Item');\n}`,
      ['warning missing_checkpoint:3'],
    ],
    ['a token', `await nango.log('ghp_${'a1'.repeat(18)}');`, ['warning secret_in_code:1']],
    ['a model that is never saved', `await nango.batchDelete([], 'Other');`, ['warning unsaved_model:0']],
  ])('%s', async (_what, body, expected) => {
    expect(await found(body)).toEqual(expected);
  });
});

describe('what is right is left alone', () => {
  it.each<[string, string]>([
    ['awaited', `${start}\n${save}\n${end}`],
    ['returned', 'return nango.log("x");'],
    ['in a list for Promise.all', `await Promise.all([nango.log('a'), ...[1].map((n) => nango.log(String(n)))]);`],
    ['kept and awaited later', 'const pending = nango.log("x"); await pending;'],
    ['followed by then or catch', 'nango.log("x").catch(() => {}); nango.log("y").then(() => {});'],
    ['void before a line of the log', 'void nango.log("x");'],
    ['retryOn with retries, also by spread', 'const more = { retries: 2 }; await nango.get({ endpoint: "/", retryOn: [404], ...more });'],
    ['a strategy first', `${strategy}\n${start}\n${save}\n${end}`],
    ['a strategy of another model', `await nango.batchSave([{ id: '1' }], 'Other');\n${strategy}\n${start}\n${save}\n${end}`],
    ['a strategy in the other branch', `if (Math.abs(1)) {\n${start}\n${save}\n${end}\n} else {\n${strategy}\n}`],
    ['previous executions deleted last', `${save}\n${remove}`],
    ['previous executions deleted in either branch', `${save}\nif (Math.abs(1)) { ${remove} } else { ${remove} }`],
    ['an early return', `if (Math.abs(1)) {\n${save}\nreturn;\n}\n${start}\n${save}\n${end}`],
    ['a full and an incremental branch', `if (nango.lastSyncDate) {\n${save}\n} else {\n${start}\n${save}\n${end}\n}`],
    ['opposite conditions', `const full = Boolean(Math.abs(1));\nif (!full) {\n${save}\n}\nif (full) {\n${start}\n${save}\n${end}\n}`],
    ['one condition twice', `const full = Boolean(Math.abs(1));\nif (full) ${start}\n${save}\nif (full) ${end}`],
    ['an early end', `${start}\nif (Math.abs(1)) {\n${end}\nreturn;\n}\n${save}\n${end}`],
    ['cases of a switch', `switch (Math.abs(1)) {\ncase 1:\n${start}\n${save}\n${end}\nbreak;\ndefault:\n${save}\n}`],
    ['saves in a callback that is declared before the start', `const flush = async () => { ${save} };\n${start}\nawait flush();\n${end}`],
    [
      'two models',
      `${start}\nawait nango.trackDeletesStart('Other');\n${save}\n${end}\nawait nango.batchSave([], 'Other');\nawait nango.trackDeletesEnd('Other');`,
    ],
    ['deletions before the start', `await nango.batchDelete([{ id: '1' }], 'Item');\n${start}\n${save}\n${end}`],
    ['a loop with break', `${start}\nwhile (true) {\n${get}\nif (!data.next) break;\n}\n${save}\n${end}`],
    ['a loop that returns', `for (;;) {\n${get}\nif (!data.next) return;\n}`],
    ['a loop with a cursor', `let cursor: string | undefined = '';\nwhile (cursor !== undefined) {\n${get}\ncursor = data.next;\n}`],
    [
      'a cursor that a function moves',
      `let cursor: string | undefined = '';\nconst step = async () => { ${get} cursor = data.next; };\nwhile (cursor !== undefined) {\nawait step(); ${get} await nango.log(data);\n}`,
    ],
    [
      'a queue',
      `const queue = ['/a'];\nwhile (queue.length > 0) {\nconst endpoint = queue.shift(); const { data } = await nango.get({ endpoint: endpoint ?? '' });\nqueue.push(...data.next);\n}`,
    ],
    [
      'recursion that ends',
      `const next = async (page: number): Promise<void> => {\n${get}\nif (data.next) await next(page + 1);\n};\nawait next(1);`,
    ],
    ['a loop without requests', 'let n = 0; while (true) { n++; if (n > 3) break; }'],
    ['the time in a checkpoint and a request', `${get}\n${save}\nawait nango.saveCheckpoint({ at: Date.now() });`],
    [
      'the provider’s time',
      `${start}\n${get}\nawait nango.batchSave(data.map((one: any) => ({ id: one.id, at: new Date(one.at).toISOString() })), 'Item');\n${end}`,
    ],
    [
      'a comparison with now',
      `${start}\n${get}\nawait nango.batchSave(data.map((one: any) => ({ id: one.id, late: new Date(one.due) < new Date() })), 'Item');\n${end}`,
    ],
    [
      'a name that means something else in its scope',
      `${start}\nconst at = Date.now(); await nango.log(String(at));\n${get}\nawait nango.batchSave(data.map(({ id, at }: any) => ({ id, at })), 'Item');\n${end}`,
    ],
    ['deletions told by the provider', `${get}\n${save}\nawait nango.batchDelete(data.deleted, 'Item');`],
    [
      'what changed since',
      `const { data } = await nango.get({ endpoint: '/items', params: { updated_after: '2020' } });\nawait nango.batchSave(data, 'Item');`,
    ],
    [
      'what changed since, in an address',
      "const { data } = await nango.get({ endpoint: `/items/delta?token=1` });\nawait nango.batchSave(data, 'Item');",
    ],
    [
      'a checkpoint after pages',
      `const at = await nango.getCheckpoint();\nfor await (const page of nango.paginate({ endpoint: '/', params: { at } })) {\nawait nango.batchSave(page, 'Item');\nawait nango.saveCheckpoint({ at: 1 });\n}`,
    ],
    [
      'one list, whole',
      `${start}\nfor await (const page of nango.paginate({ endpoint: '/' })) {\nawait nango.batchSave(page, 'Item');\n}\n${end}`,
    ],
    ['a model given by a variable', `${start}\nconst model = 'Item' as const;\nawait nango.batchSave([], model);\n${end}`],
    ['a text that only begins like a token', "await nango.log('ghp_short sk-learn AKIA');"],
  ])('%s', async (_what, body) => {
    expect(await found(body)).toEqual([]);
  });

  it('a webhook may say when it came', async () => {
    const webhook = `onWebhook: async (nango, payload) => { await nango.batchSave([{ id: payload.id, received_at: new Date().toISOString() }], 'Item'); },`;
    expect(await found('await nango.log("x");', webhook)).toEqual([]);
  });
});

describe('a comment silences', () => {
  const volatileField = (comment: string) => `${start}\nawait nango.batchSave([{ id: '1',\n${comment}\nat: Date.now() }], 'Item');\n${end}`;

  it.each([
    ['a warning, with a reason', '// bowline-ignore volatile_field: the reader wants to see that it runs', []],
    ['in a block', '/* bowline-ignore volatile_field: shown on a wall */', []],
    ['one among several', '// bowline-ignore volatile_field: shown on a wall\n// bowline-ignore missing_checkpoint: short', []],
    ['not without a reason', '// bowline-ignore volatile_field', ['warning volatile_field:4']],
    ['not another code', '// bowline-ignore untracked_deletes: no deletions', ['warning volatile_field:4']],
  ])('%s', async (_what, comment, expected) => {
    expect(await found(volatileField(comment))).toEqual(expected);
  });

  it('no error', async () => {
    expect(await found('// bowline-ignore method_need_await: quick\nnango.log("x");')).toEqual(['error method_need_await:2']);
  });
});
