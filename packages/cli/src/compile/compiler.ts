/** Compiles a project again and again in one process, for whoever watches its files: what did not change is neither read nor made anew. */
import type { Entry } from '@bowline/compile/entry';
import { findProject } from '../project/find.ts';
import type { Terminal } from '../terminal.ts';
import type { Kept } from './cache.ts';
import { compileWith, type Result } from './compile.ts';
import type { Compiled } from './compiled.ts';
import { remembered } from './memory.ts';

/** `changed`: what is new or other than in the last result; the first time all. `removed`: what the last result had and this one has not. */
export type Update = Result & { changed: Compiled[]; removed: Entry[] };

export const createCompiler = (root: string, terminal: Terminal) => {
  const memory = remembered(root);
  let last = new Map<string, { entry: Entry; kept: Kept | undefined }>();
  let turn: Promise<unknown> = Promise.resolve();
  const once = async (): Promise<Update> => {
    const project = findProject(root);
    const result = await compileWith(project, terminal, { types: true, write: true, memory });
    const now = new Map(project.entries.map((entry) => [entry.file, { entry, kept: memory.cache.get(entry.file) }]));
    const isNew = ({ definition: { entry } }: Compiled): boolean => !isSame(last.get(entry.file)?.kept, now.get(entry.file)?.kept);
    const removed = [...last.values()].flatMap(({ entry }) => (now.has(entry.file) ? [] : [entry]));
    const changed = result.compiled.filter(isNew);
    last = now;
    return { ...result, changed, removed };
  };
  return {
    /** One after the other, in the order asked. @throws {Failure} with the diagnostics; what was right stays remembered, `changed` counts from the last that succeeded */
    compile: (): Promise<Update> => {
      const next = turn.then(once);
      turn = next.catch(() => {});
      return next;
    },
    /** Waits for what is under way. Between compiles nothing runs. */
    close: async (): Promise<void> => {
      await turn;
    },
  };
};

const isSame = (one: Kept | undefined, other: Kept | undefined): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    one.jsHash === other.jsHash &&
    JSON.stringify([one.definition, one.schemas]) === JSON.stringify([other.definition, other.schemas]));
