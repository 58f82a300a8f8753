/** What needs the server: that it is there, that its clock agrees, that the key is taken, and that the project's integrations exist. */
import { environmentOf, otherEnvironment } from '../deploy/environment.ts';
import { findHost, findTarget, sharedKey, type Target, type TargetOptions } from '../deploy/target.ts';
import { Failure } from '../failure.ts';
import { Unreached } from '../remote/reach.ts';
import { ask, remoteOf } from '../remote/server.ts';
import { findVersion } from '../remote/version.ts';
import { toolbox } from '../toolbox.ts';
import type { Tell } from './local.ts';

type About = {
  readonly integrations: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly tell: Tell;
};

export const checkServer = async (root: string, options: TargetOptions, { integrations, env, cwd, tell }: About): Promise<void> => {
  const { environment = 'dev', host, secretKey } = options;
  const address = attempt('Host', tell, () => findHost({ host, root, env, cwd }));
  if (address === undefined) return;
  const target = attempt('Key', tell, () => findTarget({ environment, host, secretKey, root, env, cwd }));
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

/** The contract that a server publishes names its version, and whose it is. */
const checkReached = async (host: string, tell: Tell): Promise<boolean> => {
  const name = 'Server';
  try {
    const { version, status, date } = await findVersion(host);
    if (version === undefined) {
      tell({ name, ok: false, found: `${host} is not a Bowline server (${status})`, advice: 'Check --host, BOWLINE_HOST and .env.' });
      return false;
    }
    const same = version === toolbox.version;
    tell({
      name,
      ok: true,
      found: `${host}, version ${version}`,
      ...(!same && { advice: `This command is of version ${toolbox.version}.` }),
    });
    checkClock(date, tell);
    return true;
  } catch (error) {
    if (!(error instanceof Unreached)) throw error;
    tell({ name, ok: false, found: error.message });
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
    const actual = await environmentOf(remote);
    const advice = otherEnvironment(target, actual) ?? shared;
    const found = `taken, from ${target.keySource}${actual === undefined ? '' : `; it belongs to the environment ${actual}`}`;
    tell({ name: 'Key', ok: true, found, ...(advice && { advice }) });
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
