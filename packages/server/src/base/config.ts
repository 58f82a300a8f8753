/**
 * All configuration, read from the environment once, from one table.
 * A wrong value is refused at start, all of them in one message, and the value of a secret is never shown.
 * `docs/configuration.md` is generated from the same table.
 */
import { type Setting, type SettingName, settings, UUID_V4 } from './config-settings.ts';
import { listRoles, type Roles, roles } from './roles.ts';

export type Config = {
  readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['parse']>;
} & {
  /** Environment name in lower case → the API key it must have. */
  readonly secretKeys: ReadonlyMap<string, string>;
};

/** What is wrong with the environment; one line for each wrong value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly wrong: readonly string[];
  constructor(wrong: readonly string[]) {
    super(`The configuration is not valid:\n${wrong.map((line) => `  - ${line}`).join('\n')}\nAll settings: docs/configuration.md`);
    this.wrong = wrong;
  }
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * @param env usually `process.env`; an empty value counts as absent
 * @throws ConfigError naming every wrong value, what was given and what is allowed
 */
export function parseConfig(env: Env): Config {
  const wrong: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(settings)) {
    const variable = [setting.env, setting.older].find((one) => one && env[one]?.trim()) ?? setting.env;
    const given = env[variable]?.trim();
    try {
      values[name] = setting.parse(given || undefined, env);
    } catch {
      wrong.push(`${variable}: ${setting.secret ? 'the value given' : JSON.stringify(given)} is not ${setting.allowed}`);
    }
  }
  const secretKeys = parseSecretKeys(env, wrong);
  if (values.roles && !values.databaseUrl) refuseAlone(values.roles as Roles, wrong); // parsed by its own setting
  if (wrong.length > 0) throw new ConfigError(wrong);
  return { ...values, secretKeys } as Config; // every key of `settings` was parsed above, or we threw
}

/** The embedded Postgres serves the one process that started it, which then has to do everything. */
function refuseAlone(given: Roles, wrong: string[]): void {
  if (given.size === roles.length) return;
  wrong.push(
    `BOWLINE_ROLES: ${listRoles(given).join(',')} leaves work to other processes, and those need DATABASE_URL: the embedded Postgres serves one process alone. ` +
      'Set DATABASE_URL to a Postgres server for all of them, or leave BOWLINE_ROLES out',
  );
}

const SECRET_KEY = /^(?:BOWLINE|NANGO)_SECRET_KEY_(.+)$/;

function parseSecretKeys(env: Env, wrong: string[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  // Sorted, so that where both prefixes are set for one environment ours comes first and wins.
  for (const name of Object.keys(env).sort()) {
    const environment = name.match(SECRET_KEY)?.[1]?.toLowerCase();
    const value = env[name]?.trim().toLowerCase();
    if (!environment || !value || keys.has(environment)) continue;
    if (UUID_V4.test(value)) keys.set(environment, value);
    else wrong.push(`${name}: the value given is not a UUID v4, such as xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx`);
  }
  return keys;
}
