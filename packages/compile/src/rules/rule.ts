/** What a rule is given and how it complains. */
import type { Node } from 'acorn';
import type { Diagnostic } from '../diagnostic.ts';
import type { Tree } from './tree.ts';

/** What is declared outside the code, in a `nango.yaml`. */
export type Outside = { readonly models: readonly string[]; readonly trackDeletes: boolean; readonly incremental: boolean };

/** Severity, code, what is wrong and what to write instead, in one sentence each. */
export type Complain = (node: Node, severity: Diagnostic['severity'], code: string, message: string) => void;
export type Rule = (tree: Tree, complain: Complain, outside: Outside | undefined) => void;
