/** The enabled actions of an integration as tools, called through one connection. What is not listed cannot be called. */
import { problem } from '@bowline/api/problem';
import type { Tool } from '@modelcontextprotocol/server';
import { callAction } from '../actions/call.ts';
import type { ConnectionName } from '../connections/find.ts';
import { listFunctions, lookFunction } from '../deployments/find.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import { inputModel, isNothing, withDefinitions } from '../deployments/input-model.ts';
import type { Scope } from '../http/scope.ts';
import type { RunWorld } from '../runs/context.ts';
import { pretty } from './pretty.ts';

export type ToolCaller = ConnectionName & { readonly scope: Scope; readonly integrationId: number; readonly requestId: string };
type ToolCall = { readonly name: string; readonly arguments?: Record<string, unknown> | undefined };

export async function listTools(world: Pick<RunWorld, 'db'>, { scope, integrationId }: ToolCaller): Promise<Tool[]> {
  return (await listFunctions(world, scope, [integrationId])).flatMap((fn) => toolOf(fn) ?? []);
}

/** @returns the output as JSON text for people and models. @throws not_found, and how a run can fail */
export async function callTool(world: RunWorld, { scope, integrationId, ...caller }: ToolCaller, call: ToolCall): Promise<string> {
  const { connectionId, providerConfigKey } = caller;
  const fn = await lookFunction(world, scope, { integrationId, type: 'action', name: call.name });
  if (!fn || !toolOf(fn)) throw problem('not_found', { message: `There is no tool "${call.name}"; list the tools to see which there are` });
  const input = takesArguments(fn) ? (call.arguments ?? {}) : null;
  return pretty(await callAction(world, scope, { connectionId, providerConfigKey, name: call.name, input }));
}

/** Undefined: it is no tool. Arguments are an object, so an action that takes a list or a text cannot be one. */
function toolOf(fn: DeployedFunction): Tool | undefined {
  if (fn.type !== 'action' || !fn.enabled) return undefined;
  const { name, config } = fn;
  const described = { name, ...(config.description === undefined ? {} : { description: config.description }) };
  if (!takesArguments(fn)) return { ...described, inputSchema: { type: 'object', properties: {} } };
  const model = inputModel(config);
  return model?.type === 'object' ? { ...described, inputSchema: { ...withDefinitions(config, model), type: 'object' } } : undefined;
}

const takesArguments = ({ config }: DeployedFunction) => config.input !== undefined && !isNothing(inputModel(config));
