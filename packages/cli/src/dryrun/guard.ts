/**
 * Writes of a dry run: what changes something at the provider, or on the server, beyond this machine. With `--read-only` none happens; at a
 * terminal the first one is asked about, and the answer holds for the rest of the run.
 */
import { CallError } from '@bowline/api/protocol';
import type { Terminal } from '../terminal.ts';

export type GuardOptions = {
  readOnly: boolean;
  /** Paths that only read, whatever their method; `*` stands for anything. */
  allow: readonly string[];
  /** Yes to the question. */
  confirmed: boolean;
};
/** @param path of a request, when it is one. @throws CallError when the write is not to happen */
export type Guard = (what: string, path?: string) => Promise<void>;

export function createGuard({ readOnly, allow, confirmed }: GuardOptions, { io, json }: Pick<Terminal, 'io' | 'json'>): Guard {
  const allowed = allow.map(patternOf);
  let answer: Promise<string> | undefined;
  return async (what, path) => {
    if (path !== undefined && allowed.some((one) => one.test(path))) return;
    if (readOnly) {
      const advice = path === undefined ? '' : ` If it only reads, allow it: --allow '${path}'.`;
      throw stopped(`${what} is a write, and this is a dry run with --read-only.${advice}`);
    }
    if (confirmed || json || !io.ask) return;
    // Calls made side by side share one question.
    answer ??= io.ask(`\n${what} is a write. Make it, and the further writes of this run? [y/N] `);
    if (!/^y(es)?$/i.test((await answer).trim())) throw stopped(`${what} was not made: it is a write, and the answer was no.`);
  };
}

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

export const isWrite = (method: string): boolean => !reading.has(method.toUpperCase());

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^/?${path
      .replace(/^\//, '')
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );

const stopped = (message: string): CallError => new CallError({ name: 'Error', code: 'write_refused', message });
