/** The doors of actions. */
import { actions } from '@bowline/api/actions';
import { invocations } from '@bowline/api/invocations';
import { JsonText, type Serve } from '../http/serve.ts';
import type { RunWorld } from '../runs/context.ts';
import { answerAction, started } from './answer.ts';
import { invoke } from './invoke.ts';
import { actionResult } from './result.ts';

export function bindActionRoutes(serve: Serve, world: RunWorld): void {
  serve(actions.trigger).by(({ headers, body }, scope, { reply }) => {
    const call = {
      connectionId: headers['connection-id'],
      providerConfigKey: headers['provider-config-key'],
      name: body.action_name,
      input: body.input ?? null,
      later: headers['x-async'],
      retries: headers['x-max-retries'],
    };
    return answerAction(world, scope, call, reply);
  });
  serve(actions.result).by(async ({ params }, scope) => new JsonText(await actionResult(world, scope, params.id)));
  serve(invocations.invoke).by(async ({ body }, scope, { reply }) => {
    const invoked = await invoke(world, scope, body);
    if ('id' in invoked) return started(invoked.id, reply);
    return new JsonText(`{"status":"success","output":${invoked.output}}`);
  });
}
