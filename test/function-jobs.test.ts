/** kill -9 of the whole tree while functions are deployed one by one and tried out: a deployment ends by itself, a dry run is not repeated. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dropHome, makeHome, type Platform, startPlatform, until } from './platform.ts';
import { closeAfterwards, startUpstream, writeProvider } from './upstream.ts';

const KEY = 'upstream';
const ID = 'customer-1';
/** Milliseconds after the answer 202: before the job is taken, while it compiles, around its end. */
const MOMENTS = [0, 30, 80, 150, 300];

const source = (exec: string) => `import { createAction } from 'nango';
import * as z from 'zod';
export default createAction({ description: 'd', input: z.void(), output: z.any(), exec: async (nango): Promise<any> => { ${exec} } });`;

test('killed deployments end by themselves after the restart, a killed dry run ends as failed and asks its provider no second time', {
  timeout: 300_000,
}, async () => {
  const place = await makeHome();
  // Never answers: the function waits for it until it is killed.
  const upstream = closeAfterwards(await startUpstream(() => {}));
  const options = { ...place, providers: [writeProvider(join(place.home, '..'), upstream.url)], allow: [upstream.host] };
  let platform = await startPlatform(options);
  onTestFinished(async () => {
    await platform.stop();
    dropHome(place);
  });
  await platform.nango.createIntegration({ provider: KEY, unique_key: KEY });
  await post(platform, '/connections', { provider_config_key: KEY, connection_id: ID, credentials: { type: 'API_KEY', apiKey: 'key' } });

  for (const [round, moment] of MOMENTS.entries()) {
    const { id } = await post(platform, '/functions/deployments', {
      type: 'function',
      integration_id: KEY,
      function_name: 'killed',
      function_type: 'action',
      code: source(`return ${round};`),
    });
    await new Promise((resolve) => setTimeout(resolve, moment));
    await platform.kill();
    platform = await startPlatform(options);
    const job = await ended(platform, `/functions/deployments/${id}`);
    expect(job, `killed after ${moment} ms`).toMatchObject({ status: 'success', deployed_functions: [{ version: String(round + 1) }] });
    expect(await platform.nango.triggerAction(KEY, ID, 'killed')).toBe(round);
  }

  const { id } = await post(platform, '/functions/dryruns', {
    integration_id: KEY,
    function_type: 'action',
    connection_id: ID,
    code: source(`await nango.get({ endpoint: '/slow' }); return 1;`),
  });
  await until('the function has asked its provider', () => upstream.seen.length === 1);
  await platform.kill();
  platform = await startPlatform(options);
  expect(await ended(platform, `/functions/dryruns/${id}`)).toMatchObject({
    status: 'failed',
    error: { code: 'dryrun_error', message: expect.stringContaining('stopped while') },
  });
  expect(upstream.seen).toHaveLength(1);
});

async function post(platform: Platform, path: string, body: object) {
  const response = await platform.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

function ended(platform: Platform, path: string) {
  return until(
    `${path} ends`,
    async () => {
      const body = Object(await (await platform.fetch(path)).json());
      return body.completed_at !== undefined && body;
    },
    60_000,
  );
}
