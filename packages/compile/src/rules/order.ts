/**
 * Calls in an order that loses records. Certainly wrong is an error, likely wrong a warning: the reference compiler goes by line numbers alone and
 * refuses, for instance, an early return for a first run; what is right here compiles.
 */
import type { Node } from 'acorn';
import { runsBefore } from './flow.ts';
import type { Complain, Rule } from './rule.ts';
import { type Call, httpMethods, isLoop, saveMethods, type Tree, textOf } from './tree.ts';

export const order: Rule = (tree, complain) => {
  const tell = (code: string, message: string) => (first: Node, second: Node, place: Node) => {
    const found = runsBefore(first, second, tree);
    if (found === 'never') return;
    complain(
      place,
      found === 'always' ? 'error' : 'warning',
      code,
      found === 'always' ? message : `${message} (In some runs, as it seems.)`,
    );
  };
  mergingStrategy(tree, tell);
  previousExecutions(tree, tell);
  for (const model of modelsOf(tree)) crawl(model, tree, tell, complain);
};

type Tell = (code: string, message: string) => (first: Node, second: Node, place: Node) => void;

const batches = [...saveMethods, 'batchDelete'];

const mergingStrategy = (tree: Tree, tell: Tell): void => {
  const late =
    'setMergingStrategy comes too late: what was read or saved before it is merged in the old way. Move it to the beginning of exec.';
  for (const strategy of tree.callsOf('setMergingStrategy')) {
    const before = [...tree.callsOf(...httpMethods), ...tree.callsOf(...batches).filter((batch) => isSameModel(batch, strategy))];
    firstOf(before, strategy, tree, (call) => tell('merging_strategy_order', late)(call.node, strategy.node, strategy.node));
  }
};

const previousExecutions = (tree: Tree, tell: Tell): void => {
  const calls = tree.callsOf('deleteRecordsFromPreviousExecutions');
  const twice = 'deleteRecordsFromPreviousExecutions is called a second time for the model. Call it once, after everything was saved.';
  const late =
    'This comes after deleteRecordsFromPreviousExecutions, which deletes what was not saved before it. Move that call to the end of exec.';
  for (const call of calls) {
    for (const other of calls) if (isSameModel(call, other)) tell('delete_previous_order', twice)(call.node, other.node, other.node);
    for (const batch of tree.callsOf(...batches))
      if (isSameModel(call, batch)) tell('delete_previous_order', late)(call.node, batch.node, batch.node);
  }
};

const crawl = (model: string, tree: Tree, tell: Tell, complain: Complain): void => {
  const of = (...methods: string[]) => tree.callsOf(...methods).filter((call) => modelOf(call) === model);
  const [starts, ends, saves] = [of('trackDeletesStart'), of('trackDeletesEnd'), of(...saveMethods)];
  const missing = starts.length === 0 ? 'trackDeletesStart' : ends.length === 0 ? 'trackDeletesEnd' : undefined;
  if (missing) {
    for (const { node, method } of [...starts, ...ends])
      complain(
        node,
        'error',
        'track_deletes_unpaired',
        `${method}('${model}') without ${missing}('${model}'): deletions of ${model} are never found. Add: await nango.${missing}('${model}');`,
      );
    return;
  }
  for (const calls of [starts, ends])
    for (const call of calls)
      for (const other of calls) {
        const message = `${call.method}('${model}') is called a second time in one run: what was saved between the two counts as deleted. Call it once.`;
        tell('track_deletes_order', message)(call.node, other.node, other.node);
      }
  const early = `trackDeletesEnd('${model}') comes before trackDeletesStart('${model}'): nothing is compared. Swap them.`;
  for (const end of ends) for (const start of starts) tell('track_deletes_order', early)(end.node, start.node, end.node);
  const before = `${model} is saved before trackDeletesStart('${model}'), so what is saved here counts as deleted. Call trackDeletesStart first.`;
  for (const save of saves)
    firstOf(
      starts,
      save,
      tree,
      () => undefined,
      (start) => tell('track_deletes_order', before)(save.node, start.node, save.node),
    );
  const after = `${model} is saved after trackDeletesEnd('${model}'), when what is missing counts as deleted already. Call trackDeletesEnd last.`;
  for (const end of ends) for (const save of saves) tell('track_deletes_order', after)(end.node, save.node, save.node);
  for (const start of starts) {
    const fn = tree.functionOf(start.node);
    const loop = tree.around(start.node).find((node) => isLoop(node) && tree.functionOf(node) === fn);
    if (loop)
      complain(
        start.node,
        'warning',
        'track_deletes_order',
        `trackDeletesStart('${model}') is called once for each turn of a loop: the last turn deletes what the others saved. Put the loop between start and end.`,
      );
  }
};

/** Of several that are too early, or too late, one is enough to tell. */
const firstOf = (
  calls: readonly Call[],
  than: Call,
  tree: Tree,
  onBefore: (call: Call) => void,
  onAfter: (call: Call) => void = () => undefined,
): void => {
  const isCertain = (call: Call): boolean => runsBefore(call.node, than.node, tree) === 'always';
  const before = calls.filter((call) => runsBefore(call.node, than.node, tree) !== 'never');
  const found = before.find(isCertain) ?? before[0];
  if (found) onBefore(found);
  // Saved after one start is not too early for another.
  if (before.length > 0) return;
  const after = calls.find((call) => runsBefore(than.node, call.node, tree) !== 'never');
  if (after) onAfter(after);
};

const modelsOf = (tree: Tree): Set<string> =>
  new Set(tree.callsOf('trackDeletesStart', 'trackDeletesEnd').flatMap((call) => modelOf(call) ?? []));

const modelOf = ({ node, method }: Call): string | undefined =>
  textOf(node.arguments[batches.includes(method) || method === 'setMergingStrategy' ? 1 : 0]);

/** Unless both say which, and say another. */
const isSameModel = (one: Call, other: Call): boolean => {
  const [a, b] = [modelOf(one), modelOf(other)];
  return a === undefined || b === undefined || a === b;
};
