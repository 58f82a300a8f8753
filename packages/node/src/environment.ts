/** What belongs to the environment itself. */
import { ActionCalls } from './actions.ts';
import type { Project } from './project.ts';
import type { CallOptions } from './settings.ts';
import { send } from './transport.ts';
import type { Environment, Variables } from './wire.ts';

/**
 * The functions of one integration, in the form of `getScriptsConfig`.
 *
 * @example
 * import type { ScriptsConfig } from '@bowline/node';
 * const deployed: ScriptsConfig[] = await client.getScriptsConfig();
 * const names = deployed.flatMap(({ syncs }) => syncs.map(({ name }) => name));
 */
export type ScriptsConfig = {
  providerConfigKey: string;
  provider: string;
  syncs: ScriptConfig[];
  actions: ScriptConfig[];
  'on-events': ScriptConfig[];
};
/**
 * One function, in the form of `getScriptsConfig`.
 *
 * @example
 * import type { ScriptConfig } from '@bowline/node';
 * const isOften = ({ runs }: ScriptConfig) => runs === 'every 5 minutes';
 */
export type ScriptConfig = {
  id: number;
  name: string;
  type: string;
  description?: string;
  returns: string[];
  scopes?: string[];
  version?: string;
  input?: unknown;
  enabled: boolean;
  last_deployed: string;
  json_schema?: unknown;
  sync_type?: string;
  auto_start?: boolean;
  runs?: string | null;
  track_deletes?: boolean;
  [field: string]: unknown;
};
/**
 * The actions as tools of a language model.
 *
 * @example
 * import type { ScriptTools } from '@bowline/node';
 * const { data }: ScriptTools = await client.getScriptsConfig('openai');
 * const tools = data.map((one) => ({ type: 'function', function: one }));
 */
export type ScriptTools = { data: { name: string; description: string; parameters: { [field: string]: unknown } }[] };

export abstract class EnvironmentCalls<P extends Project> extends ActionCalls<P> {
  /**
   * What is deployed in the environment, one entry an integration.
   *
   * @example
   * const configs = await client.getScriptsConfig();
   */
  async getScriptsConfig(format?: 'nango', options?: CallOptions): Promise<ScriptsConfig[]>;
  /**
   * The same as tools of a language model.
   *
   * @example
   * const { data } = await client.getScriptsConfig('openai');
   */
  async getScriptsConfig(format: 'openai', options?: CallOptions): Promise<ScriptTools>;
  async getScriptsConfig(format: 'nango' | 'openai' = 'nango', options?: CallOptions): Promise<ScriptsConfig[] | ScriptTools> {
    const call = { method: 'GET', path: '/scripts/config', query: { format } };
    return (await send<ScriptsConfig[] | ScriptTools>(this.settings, call, options)).data;
  }

  /**
   * The environment that the key belongs to, and what the key may do.
   *
   * @example
   * const { data } = await client.getEnvironment();
   * if (!data.is_production) console.log(`testing in ${data.name}`);
   */
  async getEnvironment(options?: CallOptions): Promise<{ data: Environment }> {
    return (await send<{ data: Environment }>(this.settings, { method: 'GET', path: '/environment' }, options)).data;
  }

  /**
   * The variables that functions can read.
   *
   * @example
   * const variables = await client.getEnvironmentVariables();
   */
  async getEnvironmentVariables(options?: CallOptions): Promise<Variables> {
    return (await send<Variables | ''>(this.settings, { method: 'GET', path: '/environment-variables' }, options)).data || [];
  }
}
