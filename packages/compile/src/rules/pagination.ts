/** Loops around requests that nothing ends: the run stops at its time limit, after having asked the provider for the same page again and again. */
import type { Node } from 'acorn';
import type { Rule } from './rule.ts';
import { type Fn, httpMethods, inside, is, isFunction, isLoop, type Loop, type Tree } from './tree.ts';

export const pagination: Rule = (tree, complain) => {
  const requests = tree.callsOf(...httpMethods).map(({ node }) => node);
  const asks = (node: Loop | Fn): boolean => requests.some((request) => inside(request, node));
  const loops = [...tree.all('WhileStatement'), ...tree.all('DoWhileStatement'), ...tree.all('ForStatement')].filter(asks);
  for (const loop of loops)
    if (runsOn(loop, tree) && !hasExit(loop, tree))
      complain(loop, 'warning', 'unbounded_pagination', `Nothing ends this loop of requests. ${advice}`);
  for (const [name, fn] of named(tree))
    if (asks(fn) && callsItself(name, fn, tree))
      complain(fn, 'warning', 'unbounded_pagination', `${name} asks for the next page whatever came, without end. ${advice}`);
};

const advice = 'Stop when the answer has no next page, or use nango.paginate, which does.';

/** `while (true)`, or a condition of which the loop changes nothing. What is more than names and constants may change by itself. */
const runsOn = (loop: Loop, tree: Tree): boolean => {
  const test = 'test' in loop ? loop.test : undefined;
  if (!test) return true;
  if (is(test, 'Literal')) return Boolean(test.value);
  const names = namesIn(test);
  return names !== undefined && names.length > 0 && names.every((name) => !isAssigned(name, loop, tree));
};

/** Undefined where there is more than names. */
const namesIn = (test: Node): string[] | undefined => {
  if (is(test, 'Identifier')) return [test.name];
  if (is(test, 'Literal')) return [];
  if (is(test, 'UnaryExpression')) return namesIn(test.argument);
  if (!is(test, 'BinaryExpression', 'LogicalExpression')) return undefined;
  const [left, right] = [namesIn(test.left), namesIn(test.right)];
  return left && right && [...left, ...right];
};

const isAssigned = (name: string, loop: Loop, tree: Tree): boolean => {
  const word = new RegExp(`(?<![\\w$.])${name.replace(/\$/g, '\\$')}(?![\\w$])`);
  const targets: Node[] = [
    ...tree.all('AssignmentExpression').map(({ left }) => left),
    ...tree.all('UpdateExpression').map(({ argument }) => argument),
  ];
  // A function that is called may assign it too, wherever it is declared.
  return targets.some(
    (target) => word.test(tree.text(target)) && (inside(target, loop) || tree.functionOf(target) !== tree.functionOf(loop)),
  );
};

const hasExit = (loop: Loop, tree: Tree): boolean => {
  const fn = tree.functionOf(loop);
  const isOwn = (node: Node): boolean => inside(node, loop) && tree.functionOf(node) === fn;
  if ([...tree.all('ReturnStatement'), ...tree.all('ThrowStatement')].some(isOwn)) return true;
  return tree
    .all('BreakStatement')
    .some((node) => isOwn(node) && (node.label || tree.around(node).find((one) => isLoop(one) || is(one, 'SwitchStatement')) === loop));
};

const named = (tree: Tree): [string, Fn][] => [
  ...tree.all('FunctionDeclaration').map((fn): [string, Fn] => [fn.id?.name ?? '', fn]),
  ...tree
    .all('VariableDeclarator')
    .flatMap(({ id, init }): [string, Fn][] => (is(id, 'Identifier') && isFunction(init) ? [[id.name, init]] : [])),
];

/** Without any condition in it: with one, it would have to be understood. */
const callsItself = (name: string, fn: Fn, tree: Tree): boolean => {
  const isOwn = (node: Node): boolean => inside(node, fn);
  const decides = [
    ...tree.all('IfStatement'),
    ...tree.all('ConditionalExpression'),
    ...tree.all('LogicalExpression'),
    ...tree.all('SwitchStatement'),
    ...tree.all('ThrowStatement'),
    ...tree.all('TryStatement'),
    ...tree.all('ForOfStatement'),
    ...tree.all('ChainExpression'),
  ];
  if (decides.some(isOwn) || tree.all('ReturnStatement').filter(isOwn).length > 1) return false;
  return tree
    .all('CallExpression')
    .some((call) => is(call.callee, 'Identifier') && call.callee.name === name && tree.functionOf(call) === fn);
};
