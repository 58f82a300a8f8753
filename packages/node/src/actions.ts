/** Actions: functions called once, with an input and an output, at once or asynchronously. */
import { BowlineError } from './errors.ts';
import type { ActionInput, ActionName, ActionOutput, InputArgument, Project } from './project.ts';
import type { Untyped } from './reply.ts';
import type { CallOptions } from './settings.ts';
import { SyncCalls } from './syncs.ts';
import { path, send } from './transport.ts';

type On = { providerConfigKey: string; connectionId: string };
/**
 * An action to call, as one object.
 *
 * @example
 * import type { ActionCall } from '@bowline/node';
 * const call: ActionCall<{ title: string }> = { providerConfigKey: 'github', connectionId: 'user-1', action: 'create-issue', input: { title: 'Hello' } };
 * const issue = await client.triggerAction<{ title: string }, { id: string }>(call);
 */
export type ActionCall<Input = unknown> = On & { action: string; input?: Input };
/**
 * Where the output of an asynchronous action will be: pass it to `getAsyncActionResult`.
 *
 * @example
 * import type { StartedAction } from '@bowline/node';
 * const later: StartedAction = await client.triggerActionAsync('github', 'user-1', 'create-issue', { title: 'Hello' });
 * const issue = await client.getAsyncActionResult<{ id: string }>(later);
 */
export type StartedAction = { id: string; statusUrl: string };
/**
 * How often the server calls an asynchronous action again after a failure: 0 to 5.
 *
 * @example
 * import type { AsyncOptions } from '@bowline/node';
 * const options: AsyncOptions = { maxRetries: 3 };
 * await client.triggerActionAsync('github', 'user-1', 'create-issue', { title: 'Hello' }, options);
 */
export type AsyncOptions = CallOptions & { maxRetries?: number | undefined };

type Typed<P, Name extends ActionName<P>> = On & { action: Name } & (undefined extends ActionInput<P, Name>
    ? { input?: ActionInput<P, Name> }
    : { input: ActionInput<P, Name> });
/** A project that names its actions has no others, unless the call brings the types of input and output. */
type FreeAction<Output> = [Output] extends [never] ? never : string;
type UntypedOutput<P> = [ActionName<P>] extends [never] ? Untyped : never;

export abstract class ActionCalls<P extends Project> extends SyncCalls<P> {
  /**
   * Calls an action of the project and resolves with its output.
   *
   * @example
   * const issue = await client.triggerAction({ providerConfigKey: 'github', connectionId: 'user-1', action: 'create-issue', input: { title: 'Hi' } });
   */
  async triggerAction<Name extends ActionName<P>>(call: Typed<P, Name>, options?: CallOptions): Promise<ActionOutput<P, Name>>;
  async triggerAction<Name extends ActionName<P>>(
    providerConfigKey: string,
    connectionId: string,
    action: Name,
    ...input: InputArgument<P, Name>
  ): Promise<ActionOutput<P, Name>>;
  /**
   * Calls any action.
   *
   * @example
   * const issue = await client.triggerAction<{ title: string }, { id: string }>('github', 'user-1', 'create-issue', { title: 'Hi' });
   */
  async triggerAction<Input = unknown, Output = UntypedOutput<P>>(
    call: On & { action: FreeAction<Output>; input?: Input },
    options?: CallOptions,
  ): Promise<Output>;
  async triggerAction<Input = unknown, Output = UntypedOutput<P>>(
    providerConfigKey: string,
    connectionId: string,
    action: FreeAction<Output>,
    input?: Input,
    options?: CallOptions,
  ): Promise<Output>;
  async triggerAction(...given: readonly unknown[]): Promise<unknown> {
    const { call, options } = readCall(given);
    return (await send(this.settings, { ...requestOf(call), unlimited: true }, options)).data;
  }

  /**
   * Calls an action whose output comes later: from `getAsyncActionResult`, or sooner with the webhook about it.
   *
   * @example
   * const started = await client.triggerActionAsync('github', 'user-1', 'create-issue', { title: 'Hi' }, { maxRetries: 3 });
   */
  async triggerActionAsync(call: ActionCall, options?: AsyncOptions): Promise<StartedAction>;
  async triggerActionAsync(
    providerConfigKey: string,
    connectionId: string,
    action: string,
    input?: unknown,
    options?: AsyncOptions,
  ): Promise<StartedAction>;
  async triggerActionAsync(...given: readonly unknown[]): Promise<StartedAction> {
    const { call, options } = readCall(given);
    const request = requestOf(call);
    const headers = { ...request.headers, 'x-async': 'true', 'x-max-retries': options?.maxRetries };
    return (await send<StartedAction>(this.settings, { ...request, headers }, options)).data;
  }

  /**
   * The output of an asynchronous action. Rejects with `not_found` and status 404 as long as it runs.
   *
   * @example
   * const output = await client.getAsyncActionResult<{ id: string }>({ id: started.id });
   */
  async getAsyncActionResult<Output = Untyped>(
    { id, statusUrl }: { id: string; statusUrl?: string } | { id?: string; statusUrl: string },
    options?: CallOptions,
  ): Promise<Output> {
    const where = id === undefined ? this.#ownPath(statusUrl ?? '') : path`/action/${id}`;
    return (await send<Output>(this.settings, { method: 'GET', path: where }, options)).data;
  }

  /** The API key goes with the request, so nothing but this server will do. */
  #ownPath(statusUrl: string): string {
    const { host } = this.settings;
    const own = statusUrl.startsWith(`${host}/`) ? statusUrl.slice(host.length) : statusUrl;
    if (/^\/(?![/\\])/.test(own)) return own;
    throw new BowlineError('invalid_argument', 'A statusUrl is a path of this server, as triggerActionAsync gave it: /action/…');
  }
}

/** Both forms have these types; the methods' signatures say so. */
function readCall([first, ...rest]: readonly unknown[]): { call: ActionCall; options: AsyncOptions | undefined } {
  if (typeof first === 'object') return { call: first as ActionCall, options: rest[0] as AsyncOptions | undefined };
  const [connectionId, action, input, options] = rest;
  const call = { providerConfigKey: String(first), connectionId: String(connectionId), action: String(action), input };
  return { call, options: options as AsyncOptions | undefined };
}

function requestOf({ providerConfigKey, connectionId, action, input }: ActionCall) {
  return {
    method: 'POST',
    path: '/action/trigger',
    headers: { 'connection-id': connectionId, 'provider-config-key': providerConfigKey },
    json: { action_name: action, input },
  };
}
