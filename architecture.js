/**
 * The architecture, as data. `scripts/check-imports.mjs` and `scripts/check-sources.mjs` hold the code to it.
 * A folder of the server imports only from lower floors; folders on one floor are strangers.
 */
export const packages = {
  api: [],
  providers: [],
  functions: ['api'],
  compile: ['functions'],
  sandbox: ['api'],
  runner: ['functions', 'compile', 'api'],
  server: ['api', 'providers', 'functions', 'compile', 'sandbox'],
  cli: ['api', 'providers', 'functions', 'compile', 'runner', 'sandbox'],
  node: ['api'],
  browser: ['api'],
};
/** What an app in `apps/` may import of ours. */
export const apps = { dashboard: ['api', 'browser'], connect: ['api', 'browser'] };
export const floors = [
  ['base'],
  ['http'],
  ['queue', 'vault', 'logs', 'audit', 'limits'],
  ['events'],
  ['environments', 'credentials'],
  ['providers'],
  ['accounts', 'integrations'],
  ['deployments'],
  ['connections'],
  ['captures', 'connect', 'proxy', 'records', 'webhooks-out'],
  ['runs', 'subscriptions'],
  ['syncs', 'actions', 'on-events', 'dry-runs'],
  ['mcp', 'health', 'endpoints', 'webhooks-in'],
];
export const entries = ['app', 'worker', 'main', 'keys'];
/** A domain's doors, and the one entry that opens each. */
export const doors = { routes: 'app', jobs: 'worker' };
/** The only folders that may seal or open a secret. */
export const sealers = [
  'connections',
  'connect',
  'integrations',
  'environments',
  'webhooks-out',
  'webhooks-in',
  'records',
  'captures',
  'subscriptions',
];
/** Packages that reach something outside, and the only files (below the server's src) that may import them as values. */
export const gates = [
  {
    to: /^(undici|axios|got|ky|(node:)?https?)$/,
    from: /^base\/outbound/,
    why: 'requests go through world.outbound, which guards against private addresses',
  },
  { to: /^pg$/, from: /^base\//, why: 'statements go through world.db' },
];
/** The only files of the server that may read `process.env`. */
export const environmentReaders = /^(main\.ts|base\/embedded-identity\.ts)$/;
