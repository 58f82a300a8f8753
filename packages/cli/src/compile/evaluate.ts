/**
 * Runs a bundle far enough to read its default export. Definitions are computed values (spreads, imported schemas), so reading the source is not enough.
 * It runs in this process, with the author's trust: it is their code on their machine. A loop at the top level is stopped after five seconds.
 */
import { Script } from 'node:vm';
import type { Bundle } from '@bowline/compile/bundle';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { disallowedImport, isRuntimeModule } from '@bowline/compile/modules';
import { createOrigins } from '@bowline/compile/source-map';
import { toolbox } from '../toolbox.ts';

const timeoutMs = 5_000;

export type Evaluated = { ok: true; exported: unknown } | { ok: false; problem: Diagnostic };

export const evaluate = ({ entry, js }: Bundle): Evaluated => {
  const filename = `build/${entry.out}.cjs`;
  const module: { exports: Record<string, unknown> } = { exports: {} };
  try {
    // One line, so that line numbers stay those of the bundle; `process` is hidden, the sandbox has none.
    const script = new Script(`(function (exports, require, module, process) {${js}\n})`, { filename });
    const wrapper: unknown = script.runInThisContext(); // a function that has not run yet
    if (typeof wrapper !== 'function') throw new Error('the bundle is not a module');
    const call = new Script('__bowlineCall()', { filename: 'evaluate' });
    withGlobal(
      '__bowlineCall',
      () => wrapper(module.exports, requireForBundle, module, undefined),
      () => call.runInThisContext({ timeout: timeoutMs }),
    );
    return { ok: true, exported: module.exports.default };
  } catch (error) {
    return { ok: false, problem: problemOf(entry.file, filename, js, error) };
  }
};

/** vm's timeout covers what a script runs, not a function it returned; so the call itself is made from a script. */
const withGlobal = (name: string, value: unknown, work: () => void): void => {
  Object.defineProperty(globalThis, name, { value, configurable: true });
  try {
    work();
  } finally {
    Reflect.deleteProperty(globalThis, name);
  }
};

const requireForBundle = (name: string): unknown => {
  if (!isRuntimeModule(name)) throw new Error(disallowedImport(name));
  try {
    return toolbox.load(name);
  } catch (error) {
    // soap, unzipper and botbuilder are provided by the sandbox only; a definition does not need them.
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return {};
    throw error;
  }
};

const problemOf = (file: string, filename: string, js: string, error: unknown): Diagnostic => {
  const message = error instanceof Error ? error.message : String(error);
  const problem: Diagnostic = {
    severity: 'error',
    code: 'evaluation_failed',
    file,
    message: `The file failed while it was loaded: ${message}`,
  };
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // Not the first mention: Node puts the failing line itself above the stack, without a column.
  const frames = stack.split('\n').filter((text) => text.includes(`${filename}:`));
  const [, line, column] = frames.map((text) => /:(\d+):(\d+)\)?$/.exec(text)).find((match) => match !== null) ?? [];
  const place = line === undefined || column === undefined ? undefined : createOrigins(js).at(Number(line), Number(column));
  return { ...problem, ...place };
};
