/**
 * The table of settings: name, default, parser, what is allowed, what it is for.
 * A parser throws on a wrong value; `parseConfig` words the complaint, so no parser can leak a secret.
 */
import { resolve } from 'node:path';
import { parseByteSize } from './byte-size.ts';
import { parseConcurrency } from './concurrency.ts';
import {
  certificates,
  embedder,
  existing,
  existingFolder,
  matching,
  oneOf,
  originOf,
  outboundAllow,
  refuse,
  transit,
  urlOf,
  wholeNumber,
} from './config-values.ts';
import { parseCpuSeconds } from './cpu-seconds.ts';
import { parseEncryptionKeys } from './encryption-keys.ts';
import { parseRoles } from './roles.ts';
import { readSharedApps } from './shared-apps.ts';

type Env = Readonly<Record<string, string | undefined>>;
export type Setting<T> = {
  readonly env: string;
  /** Another name that is read when `env` is absent. */
  readonly older?: string;
  /** As shown in the documentation. */
  readonly default: string;
  /** Completes the sentence "… is not". */
  readonly allowed: string;
  readonly about: string;
  readonly secret?: true;
  parse(given: string | undefined, env: Env): T;
};

export type SettingName = keyof typeof settings;

export const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export const settings = {
  port: setting({
    env: 'PORT',
    default: '3003',
    allowed: 'a whole number from 0 to 65535 (0 takes any free port)',
    about: 'Port of the API, the dashboard and the connect flow.',
    parse: (given) => wholeNumber(given ?? '3003', 65_535),
  }),
  home: setting({
    env: 'BOWLINE_HOME',
    default: '.bowline',
    allowed: 'a path',
    about: 'Data folder: the embedded Postgres and the encryption key. Back it up as a whole, while stopped.',
    parse: (given) => resolve(given ?? '.bowline'),
  }),
  databaseUrl: setting({
    env: 'DATABASE_URL',
    default: 'none: the embedded Postgres',
    allowed: 'a URL such as postgres://user:password@host:5432/database',
    about: 'A Postgres server (15 or newer) instead of the embedded one. Needed to run on several machines.',
    secret: true,
    parse: (given) => given && urlOf(given, ['postgres:', 'postgresql:']),
  }),
  roles: setting({
    env: 'BOWLINE_ROLES',
    default: 'all',
    allowed: 'all, or a comma list of api, worker and scheduler',
    about: 'What this process does of what several on one `DATABASE_URL` do together: docs/operations.md.',
    parse: (given) => parseRoles(given ?? 'all') ?? refuse(),
  }),
  publicUrl: setting({
    env: 'BOWLINE_PUBLIC_URL',
    default: 'http://localhost:PORT',
    allowed: 'an http or https URL without a path',
    about: 'Where browsers and providers reach this server; OAuth callbacks and webhook addresses start with it.',
    parse: (given, env) => (given ? originOf(given) : `http://localhost:${env.PORT?.trim() || '3003'}`),
  }),
  encryptionKeys: setting({
    env: 'BOWLINE_ENCRYPTION_KEY',
    default: 'made at first start, kept in BOWLINE_HOME/encryption.key',
    allowed: '32 bytes in base64, or a comma list of version:base64 such as "2:…,1:…" where the first one seals',
    about: 'Master keys: they wrap the data keys that seal secrets. How to change them: docs/security/keys.md.',
    secret: true,
    parse: (given) => given && parseEncryptionKeys(given),
  }),
  sealRecords: onUnlessZero('BOWLINE_SEAL_RECORDS', 'Whether what records hold is stored sealed: docs/security/keys.md.'),
  pruneAfterDays: days('BOWLINE_PRUNE_RECORDS_AFTER_DAYS', '30', 'What a record holds is removed when it has not changed for so long.'),
  deleteAfterDays: days('BOWLINE_DELETE_RECORDS_AFTER_DAYS', '60', 'All records of a sync are removed when it has not run for so long.'),
  transit: setting({
    env: 'BOWLINE_TRANSIT_KEY_URL',
    default: 'none: data keys are wrapped with the keys above',
    allowed: 'the URL of a key, such as https://openbao.internal:8200/v1/transit/keys/bowline, with its token in BOWLINE_TRANSIT_TOKEN',
    about: 'A key of a "transit" key service (OpenBao, HashiCorp Vault) that wraps data keys instead: docs/security/keys.md.',
    parse: (given, env) => given && transit(given, env.BOWLINE_TRANSIT_TOKEN?.trim()),
  }),
  transitToken: setting({
    env: 'BOWLINE_TRANSIT_TOKEN',
    default: 'none',
    allowed: 'a token, or file:/path of a file that holds one',
    about: 'What that service knows us by. A file is read again for each request, so an agent may renew the token there.',
    secret: true,
    parse: (given) => given,
  }),
  outboundAllow: setting({
    env: 'BOWLINE_OUTBOUND_ALLOW',
    default: 'none',
    allowed: 'a comma list of hosts, host:port pairs or networks such as "intranet.local,10.1.0.0/16,localhost:4000"',
    about: 'Private hosts or networks that outbound requests may reach. Everything public is allowed already.',
    parse: (given) => outboundAllow(given ?? ''),
  }),
  outboundAuthorities: setting({
    env: 'BOWLINE_OUTBOUND_CA',
    default: 'none',
    allowed: 'a file of certificates in PEM',
    about:
      'Authorities whose certificates outbound requests trust besides the public ones, such as your own. No setting switches verification off.',
    parse: (given) => given && certificates(given),
  }),
  providers: setting({
    env: 'BOWLINE_PROVIDERS',
    default: 'none',
    allowed: 'an existing file or folder',
    about: "A YAML file, or a folder of them, with further providers in the catalogue's form.",
    parse: (given) => given && existing(given),
  }),
  logos: setting({
    env: 'BOWLINE_LOGOS',
    default: 'none: marks made of initials',
    allowed: 'an existing folder',
    about: 'Logos to show for providers: files named `<provider>.svg` or `<provider>.png`. They are served to everybody.',
    parse: (given) => given && existingFolder(given),
  }),
  sharedApps: setting({
    env: 'BOWLINE_SHARED_APPS',
    default: 'none',
    allowed: 'a JSON file such as {"github": {"client_id": "…", "client_secret": "…", "scopes": "repo"}}',
    about: 'Apps you registered at providers, for integrations that bring none of their own (`POST /integrations/quickstart`).',
    parse: (given) => readSharedApps(given),
  }),
  connectEmbedders: setting({
    env: 'BOWLINE_CONNECT_EMBEDDERS',
    default: '*, any page',
    allowed: 'a comma list of origins such as "https://app.example.com,https://*.example.com"',
    about: 'Pages that may show the connect page in a frame. The dashboard of this server always may.',
    parse: (given) => (given ? given.split(',').map((one) => embedder(one.trim())) : undefined),
  }),
  demo: onUnlessZero('BOWLINE_DEMO', 'Whether the first start on an empty data folder plays the demo.'),
  keepAlive: onUnlessZero('BOWLINE_KEEP_ALIVE', 'Whether connections nobody uses are renewed, and their keys tried, about once a day.'),
  rateLimitPerMinute: perMinute(
    'BOWLINE_RATE_LIMIT_PER_MINUTE',
    'Requests that an API key, or a connect session, may make in a minute, over all processes.',
    { older: 'DEFAULT_RATE_LIMIT_PER_MIN' },
  ),
  webhookLimitPerMinute: perMinute(
    'BOWLINE_WEBHOOK_LIMIT_PER_MINUTE',
    'Webhooks of a provider that an integration takes in a minute, in each process; more are answered 429, and the provider sends them again.',
  ),
  bodyLimitBytes: setting({
    env: 'BOWLINE_BODY_LIMIT',
    older: 'NANGO_SERVER_PUBLIC_BODY_LIMIT',
    default: '75mb',
    allowed: 'a size from 1kb to 400mb, such as 512kb or 75mb',
    about: 'The largest JSON body, and the largest proxied body that is kept to be sent again.',
    parse: (given) => parseByteSize(given ?? '75mb', { min: 1024, max: 400 * 1024 * 1024 }) ?? refuse(),
  }),
  shutdownSeconds: setting({
    env: 'BOWLINE_SHUTDOWN_SECONDS',
    default: '25',
    allowed: 'a whole number of seconds up to 3600',
    about: 'How long requests under way may go on after a signal to stop, before they are cut.',
    parse: (given) => wholeNumber(given ?? '25', 3_600),
  }),
  functionWaitSeconds: setting({
    env: 'BOWLINE_FUNCTION_WAIT_SECONDS',
    default: '60',
    allowed: 'a whole number of seconds up to 300',
    about: 'How long connecting waits for a validate-connection function, and deleting for a pre-connection-deletion function.',
    parse: (given) => wholeNumber(given ?? '60', 300),
  }),
  functionCpuSeconds: setting({
    env: 'BOWLINE_FUNCTION_CPU_SECONDS',
    default: 'sync:3600,action:300,webhook:300,on-event:60',
    allowed: 'a comma list such as "sync:7200,action:60" of whole numbers of seconds up to 86400 (0: no limit)',
    about:
      'Processor time that one run of a function may use; waiting for answers does not count. Kinds that are not named keep their default.',
    parse: (given) => parseCpuSeconds(given ?? '') ?? refuse(),
  }),
  sandboxIsolation: setting({
    env: 'BOWLINE_SANDBOX_ISOLATION',
    default: 'function',
    allowed: 'function or connection',
    about:
      'What a sandbox process serves: the runs of one function of one environment, or of one connection of it alone, which costs far more where there are many. Either way each run starts fresh: docs/security/sandbox.md.',
    parse: (given) => oneOf(['function', 'connection'], given ?? 'function'),
  }),
  metricsToken: setting({
    env: 'BOWLINE_METRICS_TOKEN',
    default: 'none: no metrics',
    allowed: 'at least 16 characters long',
    about: 'Opens `GET /metrics` (Prometheus) to whoever sends it as `Authorization: Bearer …`: docs/scheduling.md.',
    secret: true,
    parse: (given) => given && matching(/^\S{16,}$/, given),
  }),
  syncConcurrency: setting({
    env: 'BOWLINE_SYNC_CONCURRENCY',
    default: '16',
    allowed: 'a whole number from 1 to 200',
    about: 'Syncs that this process runs at once; each takes a sandbox of 45 to 512 MB.',
    parse: (given) => wholeNumber(given ?? '16', 200) || refuse(),
  }),
  syncLimits: setting({
    env: 'BOWLINE_SYNC_LIMITS',
    default: 'environment:75%,integration:75%,connection:25%,backfill:75%',
    allowed: 'a comma list such as "environment:75%,connection:2" of parts from 1% to 100%, or of whole numbers from 1 to 999999',
    about:
      'Syncs that run at once for one of these, over all processes; a part is of all that the processes run. Kinds that are not named keep their default. Must be the same everywhere: docs/scheduling.md.',
    parse: (given) => parseConcurrency(given ?? '') ?? refuse(),
  }),
  captureBytes: setting({
    env: 'BOWLINE_CAPTURE_MB',
    default: '256',
    allowed: 'a whole number of megabytes up to 102400',
    about: 'What the captures of one environment may take in the database; the oldest make room for new ones.',
    parse: (given) => wholeNumber(given ?? '256', 102_400) * 1024 * 1024,
  }),
  logLevel: setting({
    env: 'BOWLINE_LOG_LEVEL',
    default: 'info',
    allowed: `one of ${levels.join(', ')}`,
    about: "How much the server's own log says (JSON lines on stdout; secrets are removed).",
    parse: (given) => oneOf(levels, given ?? 'info'),
  }),
  adminEmail: setting({
    env: 'BOWLINE_ADMIN_EMAIL',
    default: 'admin@localhost, at first start',
    allowed: 'an e-mail address',
    about: 'Who may sign in to the dashboard first.',
    parse: (given) => given && matching(/^[^@\s]+@[^@\s]+$/, given),
  }),
  adminPassword: setting({
    env: 'BOWLINE_ADMIN_PASSWORD',
    default: 'made and printed at first start',
    allowed: 'at least 8 characters long',
    about: 'Password of that first account.',
    secret: true,
    parse: (given) => given && matching(/^.{8,}$/s, given),
  }),
  accountKey: setting({
    env: 'BOWLINE_ACCOUNT_KEY',
    default: 'none',
    allowed: 'a UUID v4',
    about: 'A key of the account with every right there: it makes and deletes environments and their API keys.',
    secret: true,
    parse: (given) => given && matching(UUID_V4, given.toLowerCase()),
  }),
};

/** The settings as the rows of a Markdown table. */
export function describeSettings(): string {
  const rows = Object.values<Setting<unknown>>(settings).map(({ env, older, ...row }) => {
    const about = older ? `${row.about} \`${older}\` works too.` : row.about;
    return `| \`${env}\` | ${row.default} | ${row.allowed} | ${about} |`;
  });
  const keys =
    '| `BOWLINE_SECRET_KEY_<ENV>` | made when the environment is | a UUID v4 | ' +
    'API key of that environment, such as `BOWLINE_SECRET_KEY_DEV`. `NANGO_SECRET_KEY_<ENV>` works too. |';
  return ['| name | default | allowed | what for |', '| --- | --- | --- | --- |', ...rows, keys].join('\n');
}

function days(env: string, byDefault: string, about: string): Setting<number> {
  const allowed = 'a whole number of days up to 36500 (0: never)';
  return { env, default: byDefault, allowed, about, parse: (given) => wholeNumber(given ?? byDefault, 36_500) };
}

function perMinute(env: string, about: string, older: { older?: string } = {}) {
  const allowed = 'a whole number up to 999999999 (0 switches the limit off)';
  return setting({ env, ...older, default: '60000', allowed, about, parse: (given) => wholeNumber(given ?? '60000', 999_999_999) });
}

function onUnlessZero(env: string, about: string): Setting<boolean> {
  return { env, default: '1', allowed: '0 or 1', about, parse: (given) => oneOf(['0', '1'], given ?? '1') === '1' };
}

function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}
