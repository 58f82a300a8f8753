/** The doors of captures: what is kept of a run, the code it executed, and which runs are captured. */
import { captures } from '@bowline/api/captures';
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import { lookCode } from '../deployments/code.ts';
import type { Serve } from '../http/serve.ts';
import { wireCapture } from './capture.ts';
import { findCapture, listCaptures, readPart } from './read.ts';
import { captureSettings, replaceCaptureSettings } from './settings.ts';
import { deleteCapture } from './store.ts';

export function bindCaptureRoutes(serve: Serve, world: Pick<World, 'db' | 'keyring'>): void {
  serve(captures.list).by(async ({ query }, scope) => {
    const { captures, nextCursor } = await listCaptures(world.db, scope, query);
    return { data: captures.map(wireCapture), next_cursor: nextCursor };
  });

  serve(captures.get).by(async ({ params, query }, scope) => {
    const { capture, entries, nextPart } = await readPart(world, scope, { ...params, ...query });
    return { data: wireCapture(capture), entries, next_part: nextPart };
  });

  serve(captures.code).by(async ({ params }, scope) => {
    const { codeHash } = await findCapture(world.db, scope, params.id);
    const code = await lookCode(world.db, scope.environment.id, codeHash);
    if (!code)
      throw problem('not_found', {
        message: 'The code of this run is no longer kept: replay it with the code of your project, bowline replay --local',
      });
    return { js: code.js, hash: codeHash.toString('hex') };
  });

  serve(captures.delete).by(async ({ params }, scope) => {
    const { id } = await findCapture(world.db, scope, params.id);
    return { success: await deleteCapture(world.db, scope.environment.id, id) };
  });

  serve(captures.settings).by(async (_input, scope) => ({ data: await captureSettings(world.db, scope.environment.id) }));
  serve(captures.updateSettings).by(async ({ body }, scope) => ({ data: await replaceCaptureSettings(world, scope, body) }));
}
