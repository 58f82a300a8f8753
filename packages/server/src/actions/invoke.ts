/** Invoke a function by one JSON body: the action engine, asked in another form. Only actions can be invoked. */
import type { invocations } from '@bowline/api/invocations';
import { problem } from '@bowline/api/problem';
import type { Parsed } from '@bowline/api/route';
import { listFunctions } from '../deployments/find.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import type { RunWorld } from '../runs/context.ts';
import { callAction, enqueueAction } from './call.ts';

export type Invocation = Parsed<(typeof invocations)['invoke']>['body'];
export type Invoked = { output: string } | { id: string };

/** @returns the output as JSON text, or the id to ask the result by. @throws invalid_invocation, and all of callAction */
export async function invoke(world: RunWorld, scope: Scope, invocation: Invocation): Promise<Invoked> {
  const { name, input = null, invocation_type: type, options } = invocation;
  const call = { connectionId: invocation.connection_id, providerConfigKey: invocation.integration_id, name, input };
  await checkType(world, scope, call);
  if (type === 'no_wait') return { id: await enqueueAction(world, scope, { ...call, retries: options?.max_retries ?? 0 }) };
  if (options?.max_retries) throw problem('invalid_invocation', { message: 'max_retries is for invocation_type "no_wait" only' });
  return { output: await callAction(world, scope, call) };
}

/** Whoever names a sync is told that it is one, instead of that there is nothing. */
async function checkType(world: RunWorld, scope: Scope, { providerConfigKey, name }: { providerConfigKey: string; name: string }) {
  const integration = await findIntegration(world, scope, providerConfigKey);
  const named = (await listFunctions(world, scope, [integration.id])).filter((fn) => fn.name === name);
  const [other] = named;
  if (!other || named.some(({ type }) => type === 'action')) return;
  const instead = other.type === 'sync' ? 'start it with POST /sync/trigger' : 'it runs by itself when its event happens';
  throw problem('invalid_invocation', { message: `"${name}" is ${other.type === 'sync' ? 'a sync' : 'an on-event function'}; ${instead}` });
}
