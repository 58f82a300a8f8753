/**
 * Whether one call runs after another, as far as the syntax tells. Within one function only: when a callback runs, its place in the text does not say.
 * `always`: whenever the later one runs, the earlier one has run. A loop counts as run, because a rule about records speaks of runs that have some.
 */
import type { Node } from 'acorn';
import { is, type Tree } from './tree.ts';

export type Order = 'always' | 'maybe' | 'never';

/** @param first stands before `second` in the text */
export const runsBefore = (first: Node, second: Node, tree: Tree): Order => {
  if (first.start >= second.start || tree.functionOf(first) !== tree.functionOf(second)) return 'never';
  const above = [first, ...tree.around(first)];
  const other = [second, ...tree.around(second)];
  const at = above.findIndex((node) => other.includes(node));
  const [shared, own] = [above[at], above[at - 1]];
  const theirs = shared && other[other.indexOf(shared) - 1];
  if (!shared || !own || !theirs) return 'never';
  if (isElse(shared, own, theirs)) return 'never';
  const between = above.slice(0, at);
  if (between.some((node, index) => leaves(node, between[index - 1]))) return 'never';
  const tests = testsOf(between, shared, tree);
  const otherTests = testsOf(other.slice(0, other.indexOf(shared)), shared, tree);
  if (tests.some((test) => otherTests.some((one) => isOpposite(test, one)))) return 'never';
  return tests.length > 0 ? 'maybe' : 'always';
};

/** Two branches of which one is taken. What a `catch` does is after a failure, where other rules hold. */
const isElse = (shared: Node, own: Node, theirs: Node): boolean => {
  if (is(shared, 'IfStatement', 'ConditionalExpression')) return shared.test !== own && shared.test !== theirs;
  if (is(shared, 'TryStatement')) return theirs === shared.handler || own === shared.handler;
  if (is(shared, 'SwitchStatement') && is(own, 'SwitchCase')) return isExit(own.consequent.at(-1)) || endsInExit(own.consequent);
  return false;
};

const endsInExit = (statements: readonly Node[]): boolean => {
  const last = statements.at(-1);
  return is(last, 'BlockStatement') && isExit(last.body.at(-1));
};

const isExit = (node: Node | undefined): boolean => is(node, 'ReturnStatement', 'ThrowStatement', 'BreakStatement', 'ContinueStatement');

/** The function ends, or the loop goes on, before the other call is reached. */
const leaves = (node: Node, child: Node | undefined): boolean => {
  if (is(node, 'ReturnStatement', 'ThrowStatement')) return true;
  if (!is(node, 'BlockStatement', 'SwitchCase') || !child) return false;
  const statements: readonly Node[] = is(node, 'BlockStatement') ? node.body : node.consequent;
  return statements.slice(statements.indexOf(child) + 1).some(isExit);
};

/** Under which conditions, as text. */
const testsOf = (path: readonly Node[], shared: Node, tree: Tree): string[] =>
  path.flatMap((node, index) => {
    const parent = path[index + 1] ?? shared;
    if (is(parent, 'IfStatement', 'ConditionalExpression') && parent !== shared && node !== parent.test) {
      const test = tree.text(parent.test);
      return [node === parent.consequent ? test : negated(test)];
    }
    if (is(parent, 'LogicalExpression') && node === parent.right)
      return [parent.operator === '&&' ? tree.text(parent.left) : `${tree.text(parent.left)} ${parent.operator}`];
    if (is(parent, 'TryStatement') && node === parent.handler) return ['catch'];
    return is(node, 'SwitchCase') ? [`case ${tree.text(node).slice(0, 40)}`] : [];
  });

const negated = (test: string): string => `!(${test})`;
const bare = (test: string): string => test.replace(/[\s()]/g, '');
const isOpposite = (one: string, other: string): boolean => {
  const [a, b] = [bare(one), bare(other)];
  return a === `!${b}` || b === `!${a}` || (a !== b && (swap(a) === b || swap(b) === a));
};
const swap = (test: string): string => (test.includes('!==') ? test.replace('!==', '===') : test.replace('===', '!=='));
