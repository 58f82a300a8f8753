/** The source of a function as its author wrote it, of the version that runs or of an earlier one. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { lookSource } from './code.ts';
import type { FunctionType } from './function.ts';
import { findFunctionEver } from './history.ts';
import { functionsNamed } from './list.ts';
import { lookVersion } from './version.ts';

type Wanted = { uniqueKey: string; name: string; type?: FunctionType | undefined; version?: number | undefined };
type Source = { type: FunctionType; code: string; files?: Record<string, string> };

/** @throws unknown_provider_config, not_found, ambiguous_function */
export async function findSource(world: Pick<World, 'db'>, scope: Scope, wanted: Wanted): Promise<Source> {
  const { type, codeHash } = await (wanted.version === undefined ? findCurrent(world, scope, wanted) : findEarlier(world, scope, wanted));
  const source = await lookSource(world.db, scope, codeHash);
  if (!source)
    throw problem('not_found', { message: `The code of version ${wanted.version} of the ${type} "${wanted.name}" is no longer kept` });
  const { ts, files } = source;
  if (ts === '') throw problem('not_found', { message: `The ${type} "${wanted.name}" was deployed without its source` });
  return { type, code: ts, ...(Object.keys(files).length === 0 ? {} : { files }) };
}

async function findCurrent(world: Pick<World, 'db'>, scope: Scope, wanted: Wanted) {
  const [fn, ...others] = await functionsNamed(world, scope, wanted);
  if (others.length === 0) return fn;
  const matches = [fn, ...others].map(({ type, name }) => ({ type, name }));
  const message = `The integration "${wanted.uniqueKey}" has ${matches.length} functions "${wanted.name}"; say which with ?type=`;
  throw problem('ambiguous_function', { message, payload: { matches } });
}

async function findEarlier(world: Pick<World, 'db'>, scope: Scope, wanted: Wanted) {
  const fn = await findFunctionEver(world, scope, wanted);
  const version = await lookVersion(world.db, scope, { ...fn, number: wanted.version ?? 0 });
  if (version) return version;
  throw problem('not_found', { message: `The ${fn.type} "${fn.name}" has no version with the number ${wanted.version}` });
}
