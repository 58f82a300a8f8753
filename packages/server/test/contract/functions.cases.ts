import type { functions as contract } from '@bowline/api/functions';
import { deploy } from '../functions.ts';
import type { Cases } from './case.ts';
import { deploying } from './deploying.ts';
import { withoutSandboxes } from './failing-actions.ts';

/** An action as its author writes it. */
export const source = `import { createAction } from 'nango';
import * as z from 'zod';
export default createAction({ description: 'd', input: z.any(), output: z.any(), exec: async (nango, input): Promise<any> => input });`;

const none = { uniqueKey: 'none', name: 'echo' };
const nothing = { uniqueKey: 'key', name: 'nothing' };
const echo = { uniqueKey: 'key', name: 'echo' };
const type = 'action' as const;

export const functions: Cases<typeof contract> = {
  compile: {
    success: { query: {}, body: { code: source } },
    compilation_error: { query: {}, body: { code: 'export default {' } },
    execution_environment_unavailable: async (world) => ({ query: {}, body: { code: source }, at: await withoutSandboxes(world) }),
  },
  get: {
    success: { params: echo, query: {} },
    unknown_provider_config: { params: none, query: {} },
    not_found: { params: nothing, query: {} },
  },
  remove: {
    success: async ({ platform, fresh }) => {
      const name = fresh('standalone');
      await deploy(platform, [{ type, name }], { source: 'standalone' });
      return { params: { uniqueKey: 'key', name }, query: { type } };
    },
    unknown_provider_config: { params: none, query: { type } },
    not_found: { params: nothing, query: { type } },
    function_managed_by_deploy: { params: echo, query: { type } },
    concurrent_deployment: async (world) => ({ params: echo, query: { type }, afterwards: await deploying(world) }),
  },
  scripts: { success: { query: {} } },
};
