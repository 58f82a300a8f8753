/**
 * Mistakes that types cannot see and that lose data silently, found in the syntax of a bundle (so helpers are covered) and placed in the author's file.
 * Only what is certainly wrong: a call whose result is dropped, not every call without `await`. Looks at the identifier `nango`, as authors name it.
 */
import { type CallExpression, type Expression, type Node, parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import type { Bundle } from './bundle.ts';
import type { Diagnostic } from './diagnostic.ts';
import { createOrigins } from './source-map.ts';

export const findMistakes = ({ entry, js }: Bundle): Diagnostic[] => {
  const origin = createOrigins(js);
  const found: Diagnostic[] = [];
  const crawls: Crawl[] = [];
  const complain: Complain = (node, severity, code, message) => {
    const place = node.loc ? origin(node.loc.start.line, node.loc.start.column + 1) : undefined;
    found.push({ severity, code, message, ...(place ?? { file: entry.file }) });
  };
  ancestor(parse(js, { ecmaVersion: 'latest', sourceType: 'script', locations: true }), {
    CallExpression(call, _state, ancestors) {
      const [object, method] = calleeOf(call);
      if (object === 'console')
        complain(call, 'warning', 'console_is_silent', 'console writes nowhere in the sandbox. Write: await nango.log(…)');
      if (object !== 'nango' || method === undefined) return;
      if (isDropped(ancestors) && asyncMethods.has(method))
        complain(
          call,
          'error',
          'method_need_await',
          `nango.${method}() is not awaited: the function may end before it has happened. Write: await nango.${method}(…)`,
        );
      if (lacksRetries(call))
        complain(call, 'error', 'retryon_need_retries', 'retryOn without retries changes nothing. Add for example: retries: 3');
      const model = call.arguments[0];
      if (/^trackDeletes(Start|End)$/.test(method) && model?.type === 'Literal') crawls.push({ call, method, model: String(model.value) });
    },
  });
  for (const crawl of crawls) findHalfCrawl(crawl, crawls, complain);
  return found;
};

type Complain = (node: Node, severity: Diagnostic['severity'], code: string, message: string) => void;
type Crawl = { call: Node; method: string; model: string };

/** `nango.get(…)` → `['nango', 'get']` */
const calleeOf = ({ callee }: CallExpression): [object?: string, method?: string | undefined] => {
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return [];
  return [callee.object.name, callee.property.type === 'Identifier' && !callee.computed ? callee.property.name : undefined];
};

/** The call is a statement of its own: neither awaited, nor returned, nor kept. */
const isDropped = (ancestors: readonly Node[]): boolean => ancestors.at(-2)?.type === 'ExpressionStatement';

const lacksRetries = (call: CallExpression): boolean => {
  const [config] = call.arguments;
  if (config?.type !== 'ObjectExpression') return false;
  const keys = config.properties.map((property) => (property.type === 'SpreadElement' ? '...' : nameOf(property.key)));
  return keys.includes('retryOn') && !keys.includes('retries') && !keys.includes('...');
};

const nameOf = (key: Expression | { type: 'PrivateIdentifier'; name: string }): string =>
  key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : '';

const findHalfCrawl = ({ call, method, model }: Crawl, all: readonly Crawl[], complain: Complain): void => {
  const other = method === 'trackDeletesStart' ? 'trackDeletesEnd' : 'trackDeletesStart';
  if (all.some((crawl) => crawl.method === other && crawl.model === model)) return;
  complain(
    call,
    'error',
    'track_deletes_unpaired',
    `${method}('${model}') without ${other}('${model}'): deletions of ${model} are never found.`,
  );
};

const asyncMethods = new Set(
  `batchDelete batchSave batchSend batchUpdate clearCheckpoint delete deleteRecordsFromPreviousExecutions get getConnection getEnvironmentVariables
   getFieldMapping getMetadata log patch post proxy put saveCheckpoint setFieldMapping setMergingStrategy setMetadata trackDeletesEnd trackDeletesStart
   triggerAction triggerSync updateMetadata`.split(/\s+/),
);
