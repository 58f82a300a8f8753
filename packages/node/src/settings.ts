/** What a client is made with, checked. Runs where there is no `process`. */
import { BowlineError } from './errors.ts';
import { version } from './version.ts';

/**
 * Of `new Bowline(…)`. Exactly one of `secretKey` and `apiKey`.
 *
 * @example
 * import { Bowline, type ClientOptions } from '@bowline/node';
 * const options: ClientOptions = { host: 'https://bowline.example.com', secretKey, timeoutMs: 10_000 };
 * const bowline = new Bowline(options);
 */
export type ClientOptions = {
  /** Where the server is. Default: the variable BOWLINE_HOST, else `http://localhost:3003`. */
  host?: string | undefined;
  /** API key of an environment. */
  secretKey?: string | undefined;
  /** The same under its other name. */
  apiKey?: string | undefined;
  /** Verifies webhooks. Default: the API key, as environments from before signing keys have it. */
  webhookSigningKey?: string | undefined;
  /** For proxy calls that name none. */
  connectionId?: string | undefined;
  /** For proxy calls that name none. */
  providerConfigKey?: string | undefined;
  /** Marks the calls as those of a sync. */
  isSync?: boolean | undefined;
  /** Marks the calls as those of a function. */
  isScript?: boolean | undefined;
  /** Marks the calls as those of a trial run. */
  dryRun?: boolean | undefined;
  /** Proxy calls are noted under this operation of the activity log. */
  activityLogId?: string | undefined;
  /** Takes the place of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** How long one request may take. Default: 60 s, and no limit for actions and the proxy. */
  timeoutMs?: number | undefined;
  /** How often a read that failed is sent again. Default: 2. */
  retries?: number | undefined;
};

/**
 * Further settings, as the second argument.
 *
 * @example
 * import { Bowline, type ClientExtras } from '@bowline/node';
 * const extras: ClientExtras = { userAgent: 'my-app/1.0' };
 * const bowline = new Bowline({ secretKey }, extras);
 */
export type ClientExtras = {
  /** Added to the user agent. */
  userAgent?: string | undefined;
};

/**
 * Of a single call, as its last argument.
 *
 * @example
 * import type { CallOptions } from '@bowline/node';
 * const quickly: CallOptions = { timeoutMs: 2_000 };
 * const { data } = await client.getProvider({ provider: 'github' }, quickly);
 */
export type CallOptions = {
  /** Ends the call; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  retries?: number | undefined;
};

export type Settings = {
  readonly host: string;
  readonly key: string;
  readonly signingKey: string;
  readonly connectionId: string | undefined;
  readonly providerConfigKey: string | undefined;
  readonly activityLogId: string | undefined;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number | undefined;
  readonly retries: number;
};

const DEFAULT_HOST = 'http://localhost:3003';

/** @throws BowlineError `invalid_configuration` */
export function parseSettings(options: ClientOptions, { userAgent }: ClientExtras = {}): Settings {
  const keys = [options.secretKey, options.apiKey].filter((key) => key !== undefined && key !== '');
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    throw new BowlineError('invalid_configuration', 'Give the API key of an environment, as secretKey or as apiKey, not both');
  }
  const send = options.fetch ?? globalThis.fetch;
  if (typeof send !== 'function') throw new BowlineError('invalid_configuration', 'There is no fetch here; hand one in as fetch');
  return {
    host: hostOf(options.host || lookVariable('BOWLINE_HOST') || DEFAULT_HOST),
    key,
    signingKey: options.webhookSigningKey || key,
    connectionId: options.connectionId,
    providerConfigKey: options.providerConfigKey,
    activityLogId: options.activityLogId,
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/json, text/plain, */*',
      'user-agent': `bowline-node/${version}${userAgent ? ` ${userAgent}` : ''}`,
      ...(options.isSync ? { 'nango-is-sync': 'true' } : {}),
      ...(options.isScript ? { 'nango-is-script': 'true' } : {}),
      ...(options.dryRun ? { 'nango-is-dry-run': 'true' } : {}),
    },
    // Some runtimes refuse a fetch that is called as a method of something else.
    fetch: (...request) => send(...request),
    timeoutMs: options.timeoutMs,
    retries: options.retries ?? 2,
  };
}

function hostOf(given: string): string {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) {
    throw new BowlineError('invalid_configuration', `The host must be a URL such as ${DEFAULT_HOST}, not ${given}`);
  }
  return given.replace(/\/+$/, '');
}

/** Deno refuses variables it was not allowed to read, edge runtimes have none. */
function lookVariable(name: string): string | undefined {
  try {
    return globalThis.process?.env?.[name];
  } catch {
    return undefined;
  }
}
