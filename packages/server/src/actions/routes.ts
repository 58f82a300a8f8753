/** The doors of actions. */
import { actions } from '@bowline/api/actions';
import { JsonText, type Serve } from '../http/serve.ts';
import type { RunWorld } from '../runs/context.ts';
import { callAction, enqueueAction } from './call.ts';
import { actionResult } from './result.ts';

export function bindActionRoutes(serve: Serve, world: RunWorld): void {
  serve(actions.trigger).by(async ({ headers, body }, scope, { reply }) => {
    const call = {
      connectionId: headers['connection-id'],
      providerConfigKey: headers['provider-config-key'],
      name: body.action_name,
      input: body.input ?? null,
    };
    if (headers['x-async']) {
      const id = await enqueueAction(world, scope, { ...call, retries: headers['x-max-retries'] });
      const statusUrl = `/action/${id}`;
      reply.code(202).header('location', statusUrl);
      return { id, statusUrl };
    }
    // A caller that goes away does not stop an action: what it does upstream may be half done.
    return new JsonText(await callAction(world, scope, call, new AbortController().signal));
  });
  serve(actions.result).by(async ({ params }, scope) => new JsonText(await actionResult(world, scope, params.id)));
}
