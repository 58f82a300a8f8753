/** Actions that end in each way a run can end, for every route that calls one. */
import type { runProblems } from '@bowline/api/actions';
import { createSandboxes } from '@bowline/sandbox/pool';
import { sql } from 'kysely';
import { run } from '../../src/base/database.ts';
import { deploy } from '../functions.ts';
import { builtRunner } from '../platform.ts';
import type { ContractWorld } from './world.ts';

export type RunProblem = (typeof runProblems)[number];
/** What a call must be to end so. */
export type Call = {
  /** Of the action, which declares the endpoint `POST /<name>`. */
  name: string;
  /** JSON text, which JSON.stringify cannot write. */
  input?: string;
  /** Another server on the same state. */
  at?: string;
};

/** What functions do to fail in each way that is theirs. */
const failing = {
  action_script_runtime_error: `throw new ActionError({ message: 'no such city' })`,
  // Our own API told the function to slow down: a failure that has no code of its own on this route.
  action_script_failure: `const response = { status: 429, headers: {}, data: {} };
    throw Object.assign(new Error('slow down'), { isAxiosError: true, fromPlatform: true, response });`,
  script_internal_error: 'null.x',
  script_http_error: `await nango.get({ endpoint: '/refuse' })`,
  script_network_error: `await nango.get({ endpoint: '/reset' })`,
  script_output_too_large: `return 'x'.repeat(3_000_000)`,
  invalid_action_output: 'return 1n',
  function_runtime_out_of_memory: 'const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()))',
};
export type Failing = keyof typeof failing;
export const failingCodes = Object.keys(failing) as Failing[]; // its own keys

/** Deploys an action that does this. @returns its name */
export async function action({ platform, fresh, upstream }: ContractWorld, exec: string): Promise<string> {
  upstream.on('/reset', (_request, response) => response.destroy());
  const name = fresh('action');
  await deploy(platform, [{ type: 'action', name, exec, more: { endpoints: [{ method: 'POST', path: `/${name}` }] } }]);
  return name;
}

export const failingAction = (world: ContractWorld, code: Failing): Promise<string> => action(world, failing[code]);

/** What the platform around the function must be like for the other ways. */
const unlucky: Record<Exclude<RunProblem, Failing>, (world: ContractWorld) => Promise<Call>> = {
  execution_timeout: async (world) => {
    const { sandboxes } = world.platform.world;
    const at = await world.beside({ sandboxes: { ...sandboxes, ...hurried(sandboxes) } });
    return { name: await action(world, 'await new Promise(() => {})'), at };
  },
  invalid_action_input: async () => ({ name: 'echo', input: `${'['.repeat(20_000)}${']'.repeat(20_000)}` }),
  script_aborted: async (world) => {
    const closed = createSandboxes({ log: world.platform.world.log, runnerPath: await builtRunner(), warm: 0 });
    await closed.close();
    return { name: 'echo', at: await world.beside({ sandboxes: closed }) };
  },
  function_runtime_other: async (world) => ({ name: 'echo', at: await withoutSandboxes(world) }),
};

/** A server that cannot start a sandbox. */
export async function withoutSandboxes(world: ContractWorld): Promise<string> {
  const { log } = world.platform.world;
  const broken = createSandboxes({ log, runnerPath: await builtRunner(), warm: 0, denoPath: '/bin/false' });
  return world.beside({ sandboxes: broken });
}

const hurried = (sandboxes: ContractWorld['platform']['world']['sandboxes']): Pick<typeof sandboxes, 'run' | 'close' | 'stats'> => ({
  run: (job) => sandboxes.run({ ...job, timeoutMs: 500 }),
  close: () => sandboxes.close(),
  stats: () => sandboxes.stats(),
});

export async function disabledAction(world: ContractWorld): Promise<string> {
  const name = await action(world, 'return 1');
  await run(world.platform.world.db, sql`update functions set enabled = false where name = ${name}`);
  return name;
}

/** A case for each way a run can end, of the request that `made` makes of the call. */
export function endings<T>(made: (call: Call) => T): Record<RunProblem, (world: ContractWorld) => Promise<T>> {
  const theirs = each(failingCodes, (code) => async (world: ContractWorld) => made({ name: await failingAction(world, code) }));
  const others = Object.keys(unlucky) as (keyof typeof unlucky)[]; // its own keys
  return { ...theirs, ...each(others, (code) => async (world: ContractWorld) => made(await unlucky[code](world))) };
}

export const each = <C extends string, T>(codes: readonly C[], made: (code: C) => T): Record<C, T> =>
  Object.fromEntries(codes.map((code) => [code, made(code)])) as Record<C, T>; // an entry for each code
