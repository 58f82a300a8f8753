import type { actions as contract, runProblems } from '@bowline/api/actions';
import { sql } from 'kysely';
import { run } from '../../src/base/database.ts';
import { createSandboxes } from '../../src/base/sandbox.ts';
import { deploy } from '../functions.ts';
import { eventually } from '../platform.ts';
import type { Case, Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

type Trigger = typeof contract.trigger;
type RunProblem = (typeof runProblems)[number];

const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
const echo = { action_name: 'echo', input: { a: 1 } };

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
type Failing = keyof typeof failing;

/** Deploys an action that does this. */
async function action({ platform, fresh, upstream }: ContractWorld, exec: string): Promise<string> {
  upstream.on('/reset', (_request, response) => response.destroy());
  const name = fresh('action');
  await deploy(platform, [{ type: 'action', name, exec }]);
  return name;
}

const failure =
  (code: Failing): Case<Trigger> =>
  async (world) => ({ query: {}, headers, body: { action_name: await action(world, failing[code]) } });

/** What the platform around the function must be like for the other ways. */
const unlucky: Record<Exclude<RunProblem, Failing>, Case<Trigger>> = {
  execution_timeout: async (world) => {
    const { sandboxes } = world.platform.world;
    const at = await world.beside({ sandboxes: { ...sandboxes, ...hurried(sandboxes) } });
    return { query: {}, headers, body: { action_name: await action(world, 'await new Promise(() => {})') }, at };
  },
  invalid_action_input: {
    query: {},
    headers,
    body: echo,
    text: `{"action_name":"echo","input":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
  },
  script_aborted: async (world) => {
    const closed = createSandboxes({ log: world.platform.world.log, runnerPath: 'none', warm: 0 });
    await closed.close();
    return { query: {}, headers, body: echo, at: await world.beside({ sandboxes: closed }) };
  },
  function_runtime_other: async (world) => {
    const broken = createSandboxes({ log: world.platform.world.log, runnerPath: 'none', warm: 0, denoPath: '/bin/false' });
    return { query: {}, headers, body: echo, at: await world.beside({ sandboxes: broken }) };
  },
};

const hurried = (sandboxes: ContractWorld['platform']['world']['sandboxes']): Pick<typeof sandboxes, 'run' | 'close' | 'stats'> => ({
  run: (job) => sandboxes.run({ ...job, timeoutMs: 500 }),
  close: () => sandboxes.close(),
  stats: () => sandboxes.stats(),
});

/** Called for later, and ended. */
async function ended({ platform }: ContractWorld, name: string): Promise<string> {
  const { body } = await platform.call('POST', '/action/trigger', { action_name: name }, { ...headers, 'x-async': 'true' });
  await eventually(async () => (await platform.call('GET', body.statusUrl)).status !== 404, `${name} has ended`);
  return body.id;
}

const endedBy =
  (code: Failing): Case<typeof contract.result> =>
  async (world) => ({ params: { id: await ended(world, await action(world, failing[code])) } });

/** As the job leaves a run that ended so: what makes it end so is shown where the caller waits. */
const leftAs =
  (type: RunProblem): Case<typeof contract.result> =>
  async (world) => {
    const id = await ended(world, 'echo');
    await run(
      world.platform.world.db,
      sql`update runs set state = 'failed', output = null, error = ${JSON.stringify({ type, message: type })}::jsonb where public_id = ${id}`,
    );
    return { params: { id } };
  };

const each = <C extends string, T>(codes: readonly C[], made: (code: C) => T): Record<C, T> =>
  Object.fromEntries(codes.map((code) => [code, made(code)])) as Record<C, T>; // an entry for each code
const failingCodes = Object.keys(failing) as Failing[]; // its own keys

export const actions: Cases<typeof contract> = {
  trigger: {
    ...each(failingCodes, failure),
    ...unlucky,
    success: { query: {}, headers, body: echo },
    accepted: { query: {}, headers: { ...headers, 'x-async': 'true' }, body: echo },
    unknown_provider_config: { query: {}, headers: { ...headers, 'provider-config-key': 'none' }, body: echo },
    unknown_connection: { query: {}, headers: { ...headers, 'connection-id': 'none' }, body: echo },
    not_found: { query: {}, headers, body: { action_name: 'nothing' } },
    disabled_resource: async (world) => {
      const name = await action(world, 'return 1');
      await run(world.platform.world.db, sql`update functions set enabled = false where name = ${name}`);
      return { query: {}, headers, body: { action_name: name } };
    },
  },
  result: {
    ...each(failingCodes, endedBy),
    invalid_action_input: leftAs('invalid_action_input'),
    execution_timeout: leftAs('execution_timeout'),
    script_aborted: leftAs('script_aborted'),
    function_runtime_other: leftAs('function_runtime_other'),
    success: async (world) => ({ params: { id: await ended(world, 'echo') } }),
    not_found: { params: { id: '00000000-0000-4000-8000-000000000000' } },
    action_pending: async (world) => {
      const { platform, upstream } = world;
      upstream.on('/never', () => {});
      const body = { action_name: await action(world, `await nango.get({ endpoint: '/never' })`) };
      const started = await platform.call('POST', '/action/trigger', body, { ...headers, 'x-async': 'true' });
      return { params: { id: started.body.id } };
    },
  },
};
