/** What a sync as a whole lacks. Warnings: whether a provider can tell what was deleted, or how long a list is, no syntax says. */
import type { Node } from 'acorn';
import type { Complain, Outside, Rule } from './rule.ts';
import { httpMethods, inside, is, isFunction, isLoop, keyOf, type Loop, type Of, saveMethods, type Tree, textOf } from './tree.ts';

export const syncs: Rule = (tree, complain, outside) => {
  const saves = tree.callsOf(...saveMethods).map(({ node }) => node);
  for (const sync of syncsOf(tree, outside)) {
    const sent = saves.filter((save) => !sync.onWebhook || !inside(save, sync.onWebhook));
    if (sent.length > 0) {
      untrackedDeletes(sync, tree, complain);
      const [place, what] = missingCheckpoint(sync, sent, tree) ?? [];
      if (place)
        complain(
          place,
          'warning',
          'missing_checkpoint',
          `${what} Call nango.saveCheckpoint after a page, or after all, and begin there the next time.`,
        );
    }
    unsavedModels(sync, tree, complain);
  }
};

type Sync = {
  readonly place: Node;
  readonly onWebhook: Node | undefined;
  /** Name and where it is declared. */
  readonly models: readonly (readonly [string, Node])[];
  readonly trackDeletes: boolean;
  readonly incremental: boolean;
  readonly checkpoint: Node | undefined;
};

/** In the bundle the call `createSync({…})` is still there; of a `nango.yaml`, what is declared comes from outside. */
const syncsOf = (tree: Tree, outside: Outside | undefined): Sync[] => {
  const [first] = tree.callsOf(...saveMethods);
  if (outside && first) {
    const models = outside.models.map((name) => [name, first.node] as const);
    const shared = { onWebhook: undefined, checkpoint: undefined };
    return [{ place: first.node, models, trackDeletes: outside.trackDeletes, incremental: outside.incremental, ...shared }];
  }
  return tree.all('CallExpression').flatMap((call) => {
    const name = is(call.callee, 'Identifier') ? call.callee.name : tree.text(call.callee);
    const [options] = call.arguments;
    return /\bcreateSync\d*\b\)?$/.test(name) && is(options, 'ObjectExpression') ? [readSync(call, options)] : [];
  });
};

const readSync = (place: Node, options: Of<'ObjectExpression'>): Sync => {
  const option = (name: string): Of<'Property'> | undefined =>
    options.properties.filter((one) => is(one, 'Property')).find((one) => keyOf(one) === name);
  const literalOf = (name: string): string | boolean | undefined => {
    const value = option(name)?.value;
    return is(value, 'Literal') && (typeof value.value === 'string' || typeof value.value === 'boolean') ? value.value : undefined;
  };
  const models = option('models')?.value;
  return {
    place,
    onWebhook: option('onWebhook'),
    models: is(models, 'ObjectExpression')
      ? models.properties.filter((one) => is(one, 'Property')).map((one) => [keyOf(one), one] as const)
      : [],
    trackDeletes: literalOf('trackDeletes') === true,
    incremental: literalOf('syncType') === 'incremental',
    checkpoint: option('checkpoint'),
  };
};

const deletes = /\b(trackDeletesStart|batchDelete|deleteRecordsFromPreviousExecutions)\b/;
const progress = /\b(getCheckpoint|saveCheckpoint|lastSyncDate)\b/;
/** Parameters by which providers are asked for what changed, as they are called there; in any case, with or without separators. */
const since =
  /since|(?:updated|modified|changed|created|edited)_?(?:after|from|min|gte?|date_?from)|(?:min|start|from)_?(?:updated|modified|created|date|time)|delta|sync_?token|last_?(?:modified|updated|edited)|start_?history|oldest|if-modified|watermark/i;

const untrackedDeletes = ({ place, trackDeletes, incremental }: Sync, tree: Tree, complain: Complain): void => {
  const code = codeOf(tree);
  if (trackDeletes || incremental || deletes.test(code) || progress.test(code)) return;
  if (tree.calls.every(({ method }) => method !== 'paginate' && !httpMethods.includes(method))) return;
  const parameters = [
    ...tree.all('Property').map(keyOf),
    ...tree.all('Literal').flatMap((one) => textOf(one) ?? []),
    ...tree.all('TemplateElement').map(({ value }) => value.raw),
  ];
  if (parameters.some((one) => one.length < 400 && since.test(one))) return;
  complain(
    place,
    'warning',
    'untracked_deletes',
    'This sync reads everything and never looks for what was deleted, so records stay for good. Call trackDeletesStart before the first save and trackDeletesEnd after the last.',
  );
};

/** Where a run that is interrupted costs more than it has to. A list that is read whole and at once needs no checkpoint, so that alone is no sign. */
const missingCheckpoint = (sync: Sync, saves: readonly Node[], tree: Tree): readonly [Node, string] | undefined => {
  const code = codeOf(tree);
  if (/\bsaveCheckpoint\b/.test(code)) return undefined;
  const reads = tree.callsOf('getCheckpoint')[0]?.node;
  if (reads ?? sync.checkpoint)
    return [reads ?? sync.place, `A checkpoint is ${reads ? 'read' : 'declared'} and never saved: each run begins anew.`];
  const inLoop = saves.find((save) => loopsAround(save, tree).length > 0);
  if (inLoop && (sync.incremental || /\blastSyncDate\b/.test(code)))
    return [inLoop, 'Pages are saved, but not how far it came: a run that is interrupted reads all of them again.'];
  if (deletes.test(code)) return undefined;
  const nested = saves.find((save) => {
    const loops = loopsAround(save, tree);
    return loops.length > 1 && loops.some((loop) => is(loop, 'ForOfStatement') && loop.await);
  });
  return nested && [nested, 'Pages within a loop make a long run, and one that is interrupted begins anew.'];
};

const loopsAround = (node: Node, tree: Tree): Loop[] => {
  const around = tree.around(node);
  const end = around.findIndex(isFunction);
  return around.slice(0, end === -1 ? undefined : end).filter(isLoop);
};

/** Only where every save says its model as text; a name that stands anywhere else as text may be given to one. */
const unsavedModels = ({ models }: Sync, tree: Tree, complain: Complain): void => {
  const saves = tree.all('CallExpression').filter(({ callee }) => /\.batch(Save|Send|Update|Delete)$/.test(tree.text(callee)));
  if (saves.length === 0 || saves.some((save) => textOf(save.arguments[1]) === undefined)) return;
  const texts = new Set(tree.all('Literal').flatMap((one) => textOf(one) ?? []));
  for (const [name, place] of models) {
    if (texts.has(name)) continue;
    complain(
      place,
      'warning',
      'unsaved_model',
      `${name} is declared and never saved. Save it with nango.batchSave(records, '${name}'), or take it out of models.`,
    );
  }
};

/** Without the source map, in which comments and the author's types are. */
const codeOf = ({ js }: Tree): string => js.slice(0, js.lastIndexOf('//# sourceMappingURL') >>> 0);
