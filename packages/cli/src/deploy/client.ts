/** The two deploy calls. Answers are read loosely: other servers of the wire say less. */
import { createClient } from '@bowline/api/client';
import { deploy as contract } from '@bowline/api/deploy';
import { z } from 'zod';
import { deployAdvice } from '../remote/advice.ts';
import { reach } from '../remote/reach.ts';
import { explain } from '../remote/server.ts';
import type { DeployBody } from './body.ts';
import { planSchema } from './plan.ts';
import type { Target } from './target.ts';

const deployedSchema = z.array(
  z.looseObject({
    name: z.string(),
    version: z.string().nullish(),
    providerConfigKey: z.string(),
    type: z.string().nullish(),
    change: z.string().nullish(),
  }),
);
const routes = {
  deploy: { confirm: { ...contract.confirm, answer: planSchema }, deploy: { ...contract.deploy, answer: deployedSchema } },
};

export type Tell = (message: string) => void;

/** @throws Failure that says what to do */
export const previewDeploy = (target: Target, body: DeployBody, tell?: Tell) =>
  refusing(target, connect(target, tell).confirm({ query: {}, body: { ...body, reconcile: false } }));

/** `source`: whose the functions are, a repository's unless the environment says otherwise. */
export const deploy = (target: Target, body: DeployBody, tell?: Tell, source: 'repo' | 'standalone' = 'repo') =>
  refusing(target, connect(target, tell).deploy({ query: {}, body: { ...body, reconcile: true, nangoYamlBody: '', source } }));

/** A deploy of thousands of functions takes the server a while; a hang must still end. */
const connect = (target: Target, tell: Tell | undefined) => createClient(routes, reach(target, { timeoutMs: 300_000, tell })).deploy;

const refusing = async <T>(target: Target, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    throw await explain(error, target, { advice: deployAdvice });
  }
};
