/** The two deploy calls. Answers are parsed; refusals become messages that say what to do. The key is never printed. */
import { z } from 'zod';
import { exitCodes, Failure } from '../failure.ts';
import { toolbox } from '../toolbox.ts';
import type { DeployBody } from './body.ts';
import { planSchema } from './plan.ts';
import { explain } from './problem.ts';
import type { Target } from './target.ts';

/** A deploy of thousands of functions takes the server a while; a hang must still end. */
const timeoutMs = 300_000;

const deployedSchema = z.array(
  z.looseObject({ name: z.string(), version: z.string().nullish(), providerConfigKey: z.string(), type: z.string().nullish() }),
);

export const previewDeploy = (target: Target, body: DeployBody) =>
  post(target, '/sync/deploy/confirmation', { ...body, reconcile: false }, planSchema);

export const deploy = (target: Target, body: DeployBody) =>
  post(target, '/sync/deploy', { ...body, reconcile: true, nangoYamlBody: '', source: 'repo' }, deployedSchema);

const post = async <T>(target: Target, path: string, body: unknown, schema: z.ZodType<T>): Promise<T> => {
  const response = await send(target, path, body);
  const text = await response.text();
  const json = parseJson(text);
  if (!response.ok) throw new Failure(exitCodes.deploy, explain(response.status, json, target));
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new Failure(
      exitCodes.deploy,
      `${target.host} answered ${path} in a form this command does not know. Is it a Bowline server of the same version?`,
    );
  return parsed.data;
};

const send = async ({ host, secretKey }: Target, path: string, body: unknown): Promise<Response> => {
  try {
    return await fetch(`${host}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json', 'user-agent': `bowline-cli/${toolbox.version}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message || error.cause.name : String(error);
    throw new Failure(exitCodes.deploy, `Cannot reach ${host} (${cause}). Is the server running? Another address: --host or BOWLINE_HOST.`);
  }
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
