/** What needs the server: that it is there, that its clock agrees, that the key is taken, and that the project's integrations exist. */
import { z } from 'zod';
import type { TargetOptions } from '../deploy/connect.ts';
import { findHost, findTarget, sharedKey, type Target } from '../deploy/target.ts';
import { Failure } from '../failure.ts';
import { causeOf } from '../openapi/source.ts';
import { ask, remoteOf } from '../remote/server.ts';
import { toolbox } from '../toolbox.ts';
import type { Tell } from './local.ts';

type About = {
  readonly integrations: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tell: Tell;
};

export const checkServer = async (root: string, options: TargetOptions, { integrations, env, tell }: About): Promise<void> => {
  const { environment = 'dev', host, secretKey } = options;
  const address = attempt('Host', tell, () => findHost({ host, root, env }));
  if (address === undefined) return;
  const target = attempt('Key', tell, () => findTarget({ environment, host, secretKey, root, env }));
  const reached = await checkReached(address, tell);
  if (target && reached) await checkKey(target, integrations, tell);
};

const attempt = <T>(name: string, tell: Tell, work: () => T): T | undefined => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    tell({ name, ok: false, found: error.message });
    return undefined;
  }
};

const timeoutMs = 10_000;
const about = z.object({ info: z.object({ title: z.string(), version: z.string() }), paths: z.record(z.string(), z.unknown()) });

/** The contract that a server publishes names its version, and whose it is. */
const checkReached = async (host: string, tell: Tell): Promise<boolean> => {
  const name = 'Server';
  try {
    const response = await fetch(`${host}/openapi.json`, { signal: AbortSignal.timeout(timeoutMs) });
    const read = about.safeParse(await response.json().catch(() => undefined));
    if (!response.ok || !read.success || !('/sync/deploy' in read.data.paths)) {
      tell({
        name,
        ok: false,
        found: `${host} is not a Bowline server (${response.status})`,
        advice: 'Check --host, BOWLINE_HOST and .env.',
      });
      return false;
    }
    const { version } = read.data.info;
    const same = version === toolbox.version;
    tell({
      name,
      ok: true,
      found: `${host}, version ${version}`,
      ...(!same && { advice: `This command is of version ${toolbox.version}.` }),
    });
    checkClock(response.headers.get('date'), tell);
    return true;
  } catch (error) {
    tell({
      name,
      ok: false,
      found: `cannot reach ${host} (${causeOf(error)})`,
      advice: 'Is it running? Another address: --host or BOWLINE_HOST.',
    });
    return false;
  }
};

/** Dates of HTTP have whole seconds, and the answer took a while; what matters to tokens and signatures is minutes. */
const skewMaxSeconds = 60;

const checkClock = (date: string | null, tell: Tell): void => {
  const apart = Math.round(Math.abs(Date.now() - Date.parse(date ?? '')) / 1000);
  if (Number.isNaN(apart)) return;
  const ok = apart <= skewMaxSeconds;
  tell({
    name: 'Clock',
    ok,
    found: ok ? 'agrees with the server' : `${apart} s apart from the server`,
    ...(!ok && { advice: 'Let both machines take their time from a time server (NTP).' }),
  });
};

const checkKey = async (target: Target, integrations: readonly string[], tell: Tell): Promise<void> => {
  const remote = remoteOf(target);
  const shared = sharedKey(target);
  try {
    const { data } = await ask(remote, (api) => api.integrations.list({ query: {} }));
    tell({ name: 'Key', ok: true, found: `taken, from ${target.keySource}`, ...(shared && { advice: shared }) });
    const there = data.map(({ unique_key }) => unique_key);
    const missing = integrations.filter((key) => !there.includes(key));
    if (integrations.length === 0) return;
    tell({
      name: 'Integrations',
      ok: missing.length === 0,
      found: missing.length === 0 ? integrations.join(', ') : `not in this environment: ${missing.join(', ')}`,
      ...(missing.length > 0 && {
        advice: 'Create them in the dashboard or by POST /integrations: the unique key is the name of the folder.',
      }),
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    tell({ name: 'Key', ok: false, found: error.message });
  }
};
