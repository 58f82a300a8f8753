/**
 * Mistakes that types cannot see and that lose data silently, found in the syntax of a bundle (so helpers are covered) and placed in the author's file.
 * An error is certainly wrong; what only may be wrong is a warning, and `// bowline-ignore <code>: reason` on the line above silences it.
 * Looks at the identifier `nango`, as authors name it.
 */
import type { Bundle } from './bundle.ts';
import type { Diagnostic } from './diagnostic.ts';
import { isIgnored } from './ignore.ts';
import { awaits } from './rules/awaits.ts';
import { calls } from './rules/calls.ts';
import { order } from './rules/order.ts';
import { pagination } from './rules/pagination.ts';
import type { Complain, Outside, Rule } from './rules/rule.ts';
import { secrets } from './rules/secret.ts';
import { syncs } from './rules/sync.ts';
import { Tree } from './rules/tree.ts';
import { volatileFields } from './rules/volatile.ts';
import { createOrigins } from './source-map.ts';

const rules: readonly Rule[] = [calls, awaits, order, pagination, volatileFields, syncs, secrets];

/** @param outside what the function declares, where its code does not say it */
export const findMistakes = ({ entry, js }: Bundle, outside?: Outside): Diagnostic[] => {
  const origins = createOrigins(js);
  const found: Diagnostic[] = [];
  const complain: Complain = (node, severity, code, message) => {
    const place = node.loc ? origins.at(node.loc.start.line, node.loc.start.column + 1) : undefined;
    const diagnostic: Diagnostic = { severity, code, message, ...(place ?? { file: entry.file }) };
    if (!isIgnored(diagnostic, place ? origins.linesOf(place.file) : [])) found.push(diagnostic);
  };
  const tree = new Tree(js);
  for (const rule of rules) rule(tree, complain, outside);
  return found;
};
