/**
 * Fields of records that are another on each run, such as `fetched_at: new Date()`: every record then looks changed, every reader is told so, and
 * each run writes everything anew. Follows what is given to batchSave through variables, `map` and the functions of the bundle.
 */
import type { Node } from 'acorn';
import type { Rule } from './rule.ts';
import { calleeOf, type Fn, is, isFunction, keyOf, type Of, saveMethods, type Tree } from './tree.ts';

export const volatileFields: Rule = (tree, complain) => {
  const told = new Set<Node>();
  for (const { node } of tree.callsOf(...saveMethods)) {
    const [records] = node.arguments;
    if (!records || isOfWebhook(node, tree)) continue;
    for (const [property, what] of new Records(tree).of(records)) {
      if (told.has(property)) continue;
      told.add(property);
      const name = keyOf(property);
      const message =
        name === 'id'
          ? `id is ${what}: each run saves other records instead of the same ones again. Use the provider's own id.`
          : `${name} is ${what}: it differs on each run, so every record looks changed every time. Leave it out; the platform keeps when a record changed.`;
      complain(property, 'warning', 'volatile_field', message);
    }
  }
};

/** A webhook tells of something that has just happened: then the time is news. */
const isOfWebhook = (node: Node, tree: Tree): boolean =>
  tree
    .around(node)
    .some(
      (one) =>
        (is(one, 'Property') && keyOf(one) === 'onWebhook') ||
        (is(one, 'FunctionDeclaration') && one.id?.name === 'onWebhookPayloadReceived'),
    );

type Found = [Of<'Property'>, string];
const depthMax = 12;

/** Where records are made, from the expression that is saved. */
class Records {
  readonly #tree: Tree;
  readonly #seen = new Set<Node>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  of(node: Node | null | undefined, depth = 0): Found[] {
    if (!node || depth > depthMax || this.#seen.has(node)) return [];
    this.#seen.add(node);
    const next = (one: Node | null | undefined): Found[] => this.of(one, depth + 1);
    if (isFunction(node)) return this.#returned(node).flatMap(next);
    if (is(node, 'ArrayExpression')) return node.elements.flatMap(next);
    if (is(node, 'SpreadElement', 'AwaitExpression')) return next(node.argument);
    if (is(node, 'ConditionalExpression')) return [...next(node.consequent), ...next(node.alternate)];
    if (is(node, 'LogicalExpression')) return [...next(node.left), ...next(node.right)];
    if (is(node, 'ObjectExpression')) return node.properties.flatMap((one) => (is(one, 'Property') ? this.#field(one, depth) : next(one)));
    if (is(node, 'Identifier')) return [...next(this.#tree.resolve(node.name, node)), ...this.#pushed(node).flatMap(next)];
    return is(node, 'CallExpression') ? this.#made(node).flatMap(next) : [];
  }

  #field(property: Of<'Property'>, depth: number): Found[] {
    if (is(property.value, 'ObjectExpression', 'ArrayExpression')) return this.of(property.value, depth + 1);
    const what = volatile(property.value, this.#tree);
    return what === undefined ? [] : [[property, what]];
  }

  /** `items.map(toRecord)`, `items.map(…).filter(…)`, `toRecord(item)`, `Promise.all([…])` */
  #made(call: Of<'CallExpression'>): Node[] {
    const [object, method = ''] = calleeOf(call);
    if (object === 'Promise') return call.arguments.slice(0, 1);
    if (is(call.callee, 'MemberExpression')) {
      const from = /^(filter|slice|concat|flat|sort|toSorted|reverse)$/.test(method) ? [call.callee.object] : [];
      return /^(map|flatMap|from)$/.test(method) ? call.arguments.filter((one) => isFunction(one) || is(one, 'Identifier')) : from;
    }
    return is(call.callee, 'Identifier') || isFunction(call.callee) ? [call.callee] : [];
  }

  #returned(fn: Fn): Node[] {
    if (!is(fn.body, 'BlockStatement')) return [fn.body];
    return this.#tree.all('ReturnStatement').flatMap((one) => (one.argument && this.#tree.functionOf(one) === fn ? [one.argument] : []));
  }

  /** `records.push({…})` where `records` is the one that is saved. */
  #pushed(records: Of<'Identifier'>): Node[] {
    const scope = this.#tree.functionOf(records);
    return this.#tree.all('CallExpression').flatMap((call) => {
      const [object, method] = calleeOf(call);
      return object === records.name && method === 'push' && this.#tree.functionOf(call) === scope ? call.arguments : [];
    });
  }
}

/** What makes a value another on each run. A comparison with now is not it: that changes once. */
const volatile = (node: Node, tree: Tree, depth = 0): string | undefined => {
  if (is(node, 'NewExpression') && is(node.callee, 'Identifier') && node.callee.name === 'Date' && node.arguments.length === 0)
    return 'the time of the run';
  if (is(node, 'CallExpression')) {
    const [object, method] = calleeOf(node);
    const name = is(node.callee, 'Identifier') ? node.callee.name : method;
    if (method === 'now' && (object === 'Date' || object === 'performance')) return 'the time of the run';
    if ((object === 'Math' && method === 'random') || name === 'randomUUID' || name === 'randomBytes') return 'random';
    const parts = is(node.callee, 'MemberExpression') ? [node.callee.object, ...node.arguments] : node.arguments;
    return firstOf(parts, tree, depth);
  }
  if (is(node, 'Identifier')) {
    const value = depth < 3 ? tree.resolve(node.name, node) : undefined;
    return value && !isFunction(value) ? volatile(value, tree, depth + 1) : undefined;
  }
  if (is(node, 'BinaryExpression')) return /^[<>=!]/.test(node.operator) ? undefined : firstOf([node.left, node.right], tree, depth);
  if (is(node, 'LogicalExpression')) return firstOf([node.left, node.right], tree, depth);
  if (is(node, 'ConditionalExpression')) return firstOf([node.consequent, node.alternate], tree, depth);
  if (is(node, 'TemplateLiteral')) return firstOf(node.expressions, tree, depth);
  if (is(node, 'NewExpression')) return firstOf(node.arguments, tree, depth);
  return is(node, 'MemberExpression') ? volatile(node.object, tree, depth) : undefined;
};

const firstOf = (nodes: readonly Node[], tree: Tree, depth: number): string | undefined =>
  nodes.map((one) => volatile(one, tree, depth)).find((one) => one !== undefined);
