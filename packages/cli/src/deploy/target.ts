/**
 * Where a deploy goes and with which key. The environment is the key's: the argument only chooses which variable holds it, so the plan says
 * where the key was found. Real variables win over the project's `.env`, and that over the one of the current folder.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { exitCodes, Failure } from '../failure.ts';

/** The flags by which a command is told so. */
export type TargetOptions = { readonly environment?: string; readonly host?: string; readonly secretKey?: string };

export type Target = { host: string; secretKey: string; keySource: string; environment: string };
type Options = {
  environment: string;
  host?: string | undefined;
  secretKey?: string | undefined;
  root: string;
  /** Where the command was called: its `.env` counts where the project's says nothing. */
  cwd?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
};

export const findTarget = ({ environment, host, secretKey, root, env, cwd }: Options): Target => {
  const { look, dotenv } = variables(root, env, cwd);
  const own = keyName(environment);
  const names = [own, 'BOWLINE_SECRET_KEY', own.replace(/^BOWLINE/, 'NANGO'), 'NANGO_SECRET_KEY'];
  const name = names.find((candidate) => look(candidate) !== undefined);
  const key = secretKey ?? (name === undefined ? undefined : look(name));
  if (!key) {
    throw new Failure(
      exitCodes.usage,
      `No API key for environment ${environment}. Set ${names[0]} in the environment or in ${dotenv}, or pass --secret-key. The key is in the dashboard under Environment Settings.`,
    );
  }
  return {
    host: findHost({ host, root, env, cwd, environment }),
    secretKey: key,
    keySource: secretKey === undefined ? (name ?? '') : '--secret-key',
    environment,
  };
};

/** The variable that holds the key of this environment and of no other. */
const keyName = (environment: string): string => `BOWLINE_SECRET_KEY_${environment.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;

/** What to say of a key without an environment in its name: it serves whichever is asked for, so a deploy to another one would not be noticed. */
export const sharedKey = ({ keySource, environment }: Target): string | undefined =>
  /^(?:BOWLINE|NANGO)_SECRET_KEY$/.test(keySource)
    ? `${keySource} is used for every environment. ${keyName(environment)} makes sure it is the one you mean.`
    : undefined;

/** The address of the server alone, for what needs no key. */
export const findHost = ({
  host,
  root,
  env,
  cwd,
  environment,
}: Pick<Options, 'host' | 'root' | 'env' | 'cwd'> & { environment?: string }): string => {
  const { look } = variables(root, env, cwd);
  const port = environment === 'local' ? (look('NANGO_PORT') ?? look('SERVER_PORT')) : undefined;
  return checkHost(host ?? look('BOWLINE_HOST') ?? look('NANGO_HOSTPORT') ?? `http://localhost:${port ?? 3003}`);
};

const variables = (root: string, env: Options['env'], cwd = root) => {
  const dotenv = join(root, '.env');
  const fromFiles = { ...readEnv(join(cwd, '.env')), ...readEnv(dotenv) };
  return { dotenv, look: (name: string): string | undefined => env[name] || fromFiles[name] || undefined };
};

/** A line without a value is one that nobody has filled in yet. */
const readEnv = (path: string): Record<string, string | undefined> => {
  if (!existsSync(path)) return {};
  return Object.fromEntries(Object.entries(parseEnv(readFileSync(path, 'utf8'))).filter(([, value]) => value !== ''));
};

const checkHost = (host: string): string => {
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Failure(exitCodes.usage, `The host "${host}" is not an http(s) URL. Write for example http://localhost:3003.`);
  return host.replace(/\/+$/, '');
};
