/**
 * Calls whose promise is dropped: the function may end before they have happened, and nobody hears of a failure. Not every call without `await`:
 * a promise that is returned, kept, in a list for Promise.all or followed by then or catch is somebody's.
 */
import type { Node } from 'acorn';
import type { Rule } from './rule.ts';
import { type Call, calleeOf, inside, is, isFunction, type Tree } from './tree.ts';

export const awaits: Rule = (tree, complain) => {
  for (const call of tree.calls.filter(({ method }) => asyncMethods.has(method))) {
    if (isDropped(call, tree)) {
      const message = `nango.${call.method}() is not awaited: the function may end before it has happened. Write: await nango.${call.method}(…)`;
      complain(call.node, 'error', 'method_need_await', message);
    }
  }
  // The reference compiler accepts these, so projects have them: a warning.
  for (const call of tree.all('CallExpression')) {
    const [callback] = call.arguments;
    const [, method] = calleeOf(call);
    if (!isFunction(callback) || !callback.async || !method) continue;
    const isForgotten = method === 'forEach' || (/^(map|flatMap)$/.test(method) && is(tree.parent(call), 'ExpressionStatement'));
    if (!isForgotten || !tree.calls.some(({ node, method: name }) => asyncMethods.has(name) && inside(node, callback))) continue;
    const message = `${method} does not wait for an async function: the function may end before its calls have happened. Write: for (const item of items) await …`;
    complain(call, 'warning', 'method_need_await', message);
  }
};

const isDropped = ({ node, method }: Call, tree: Tree): boolean => {
  const climb = (from: Node): boolean => {
    const parent = tree.parent(from);
    if (is(parent, 'ExpressionStatement')) return true;
    if (is(parent, 'ChainExpression')) return climb(parent);
    if (is(parent, 'LogicalExpression')) return parent.right === from && climb(parent);
    if (is(parent, 'ConditionalExpression')) return parent.test !== from && climb(parent);
    if (is(parent, 'SequenceExpression')) return parent.expressions.at(-1) !== from || climb(parent);
    // Who writes `void` has thought of it. A line of the log may be lost, records may not.
    if (is(parent, 'UnaryExpression')) return parent.operator === 'void' && method !== 'log';
    if (is(parent, 'VariableDeclarator')) return parent.init === from && isUnused(parent.id, tree);
    if (is(parent, 'MemberExpression')) {
      const next = tree.parent(parent);
      const isFinally = is(parent.property, 'Identifier') && parent.property.name === 'finally';
      return isFinally && is(next, 'CallExpression') && next.callee === parent && climb(next);
    }
    if (is(parent, 'ArrowFunctionExpression')) return parent.body === from && isForgotten(parent);
    return false;
  };
  /** What a callback returns goes nowhere: `forEach`, or a `map` that nobody looks at. */
  const isForgotten = (callback: Node): boolean => {
    const call = tree.parent(callback);
    if (!is(call, 'CallExpression')) return false;
    const [, name] = calleeOf(call);
    return name === 'forEach' || (/^(map|flatMap)$/.test(name ?? '') && climb(call));
  };
  return climb(node);
};

const isUnused = (id: Node, tree: Tree): boolean =>
  is(id, 'Identifier') && tree.all('Identifier').every((other) => other === id || other.name !== id.name);

const asyncMethods = new Set(
  `batchDelete batchSave batchSend batchUpdate clearCheckpoint delete deleteRecordsFromPreviousExecutions get getCheckpoint getConnection
   getEnvironmentVariables getFieldMapping getIntegration getMetadata getRecordsByIds getToken getWebhookURL log patch post proxy put releaseAllLocks
   releaseLock saveCheckpoint setFieldMapping setMergingStrategy setMetadata startSync trackDeletesEnd trackDeletesStart triggerAction triggerSync
   tryAcquireLock uncontrolledFetch updateMetadata`.split(/\s+/),
);
