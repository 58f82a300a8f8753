/** The syntax of a bundle with what rules ask of it: nodes by type, what stands around one, what a name stands for. */
import { type AnyNode, type CallExpression, type Node, parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';

export type Of<T extends AnyNode['type']> = Extract<AnyNode, { type: T }>;
export type Fn = Of<'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression'>;
export type Loop = Of<'ForStatement' | 'ForInStatement' | 'ForOfStatement' | 'WhileStatement' | 'DoWhileStatement'>;
/** `nango.method(…)` */
export type Call = { readonly node: CallExpression; readonly method: string };

export const is = <T extends AnyNode['type']>(node: Node | null | undefined, ...types: readonly T[]): node is Of<T> =>
  types.some((type) => type === node?.type);
export const isFunction = (node: Node | null | undefined): node is Fn =>
  is(node, 'FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression');
export const isLoop = (node: Node | null | undefined): node is Loop =>
  is(node, 'ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement');

export class Tree {
  readonly #parents = new Map<Node, Node>();
  readonly #byType = new Map<string, Node[]>();
  readonly js: string;
  readonly calls: readonly Call[];

  constructor(js: string) {
    this.js = js;
    const program = parse(js, { ecmaVersion: 'latest', sourceType: 'script', locations: true });
    fullAncestor(program, (node, _state, ancestors) => {
      const parent = ancestors.at(-2);
      if (parent) this.#parents.set(node, parent);
      const same = this.#byType.get(node.type);
      if (same) same.push(node);
      else this.#byType.set(node.type, [node]);
    });
    for (const nodes of this.#byType.values()) nodes.sort((a, b) => a.start - b.start);
    this.calls = this.all('CallExpression').flatMap((node) => {
      const [object, method] = calleeOf(node);
      return method !== undefined && /^nango\d*$/.test(object ?? '') ? [{ node, method }] : [];
    });
  }

  /** In the order of the text. */
  all<T extends AnyNode['type']>(type: T): Of<T>[] {
    return (this.#byType.get(type) ?? []).filter((node) => is(node, type));
  }

  parent(node: Node): Node | undefined {
    return this.#parents.get(node);
  }

  /** From the nearest outwards. */
  around(node: Node): Node[] {
    const found: Node[] = [];
    for (let at = this.parent(node); at; at = this.parent(at)) found.push(at);
    return found;
  }

  functionOf(node: Node): Fn | undefined {
    return this.around(node).find(isFunction);
  }

  callsOf(...methods: readonly string[]): Call[] {
    return this.calls.filter(({ method }) => methods.includes(method));
  }

  text(node: Node): string {
    return this.js.slice(node.start, node.end);
  }

  /** What a name stands for where it is used: what it was declared with, in the nearest scope. Parameters stand for nothing. */
  resolve(name: string, use: Node): Node | undefined {
    const scopes: (Node | undefined)[] = [...this.around(use).filter(isFunction), undefined];
    for (const scope of scopes) {
      if (isFunction(scope) && scope.params.some((param) => new RegExp(`\\b${escaped(name)}\\b`).test(this.text(param)))) return undefined;
      const isOwn = (id: Node | null | undefined): boolean => is(id, 'Identifier') && id.name === name && this.functionOf(id) === scope;
      const variable = this.all('VariableDeclarator').find(({ id, init }) => init && isOwn(id));
      if (variable?.init) return variable.init;
      const fn = this.all('FunctionDeclaration').find((node) => node.id?.name === name && this.functionOf(node) === scope);
      if (fn) return fn;
    }
    return undefined;
  }
}

const escaped = (name: string): string => name.replace(/\$/g, '\\$');

export const inside = (node: Node, container: Node): boolean =>
  container.start <= node.start && node.end <= container.end && node !== container;

/** `nango.get(…)` → `['nango', 'get']`, `page.items.map(…)` → `[undefined, 'map']` */
export const calleeOf = ({ callee }: Pick<CallExpression, 'callee'>): [object?: string | undefined, method?: string | undefined] => {
  if (callee.type !== 'MemberExpression') return [];
  const object = callee.object.type === 'Identifier' ? callee.object.name : undefined;
  return [object, callee.property.type === 'Identifier' && !callee.computed ? callee.property.name : undefined];
};

export const keyOf = (property: Of<'Property'>): string =>
  property.key.type === 'Identifier' ? property.key.name : property.key.type === 'Literal' ? String(property.key.value) : '';

/** The text of a literal. */
export const textOf = (node: Node | null | undefined): string | undefined =>
  is(node, 'Literal') && typeof node.value === 'string' ? node.value : undefined;

export const httpMethods = ['get', 'post', 'put', 'patch', 'delete', 'proxy'];
export const saveMethods = ['batchSave', 'batchSend', 'batchUpdate'];
