/**
 * The integrations that a project's folders name, made in the local environment when they are not there. A folder is named as its provider,
 * or `--provider` says which one it is, or somebody at the terminal does. An app at the provider cannot be guessed: it is entered in the dashboard.
 */
import { ApiError } from '@bowline/api/client';
import { Failure } from '../failure.ts';
import { ask, type Remote } from '../remote/server.ts';

export type Made = { readonly key: string; readonly provider: string; readonly needsApp: boolean };
export type Lacking = { readonly key: string; readonly reason: string };
type Options = {
  /** Providers by the integration's key. */
  readonly providers: ReadonlyMap<string, string>;
  /** Undefined where nobody can answer. */
  readonly choose: ((question: string) => Promise<string>) | undefined;
};

export const makeIntegrations = async (
  remote: Remote,
  keys: readonly string[],
  options: Options,
): Promise<{ made: Made[]; lacking: Lacking[] }> => {
  const { data } = await ask(remote, (api) => api.integrations.list({ query: {} }));
  const there = new Set(data.map(({ unique_key }) => unique_key));
  const made: Made[] = [];
  const lacking: Lacking[] = [];
  for (const key of keys.filter((one) => !there.has(one))) {
    const outcome = await makeOne(remote, key, options);
    if ('reason' in outcome) lacking.push(outcome);
    else made.push(outcome);
  }
  return { made, lacking };
};

const makeOne = async (remote: Remote, key: string, { providers, choose }: Options): Promise<Made | Lacking> => {
  const given = providers.get(key);
  const provider = given ?? ((await isProvider(remote, key)) ? key : await chosen(choose, key));
  if (!provider) return { key, reason: `No provider is called ${key}. Say which one it is of: --provider ${key}=<provider>.` };
  if (provider !== key && !(await isProvider(remote, provider)))
    return { key, reason: `There is no provider ${provider}. Those there are: bowline provider list --host ${remote.target.host}.` };
  try {
    return { key, provider, needsApp: await create(remote, key, provider) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { key, reason: `${error.message} Make it in the dashboard: ${remote.target.host}/dev/integrations` };
  }
};

const chosen = async (choose: Options['choose'], key: string): Promise<string> =>
  ((await choose?.(`Which provider is the folder ${key} of? (leave empty to pass by) `)) ?? '').trim();

const isProvider = async (remote: Remote, provider: string): Promise<boolean> => {
  try {
    await remote.api.providers.get({ params: { provider }, query: {} });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return false;
    return ask(remote, () => Promise.reject(error));
  }
};

/** @returns whether its app at the provider is still to be entered: the server says so by refusing an integration without one */
const create = async (remote: Remote, key: string, provider: string): Promise<boolean> => {
  const body = { provider, unique_key: key };
  try {
    await remote.api.integrations.create({ query: {}, body });
    return false;
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'invalid_body')) return ask(remote, () => Promise.reject(error));
    await ask(remote, (api) => api.integrations.create({ query: {}, body: { ...body, credentials: null } }));
    return true;
  }
};
