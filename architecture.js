/** The floors, as data. A folder imports only from lower floors; folders on one floor are strangers. `dependency-cruiser.config.cjs` is made from this. */
export const packages = {
  api: [],
  providers: [],
  functions: ['api'],
  runner: ['functions', 'api'],
  server: ['api', 'providers', 'functions'],
  cli: ['api', 'functions'],
};
export const floors = [
  ['base'],
  ['http'],
  ['queue', 'vault', 'logs', 'audit'],
  ['events'],
  ['accounts', 'environments', 'credentials'],
  ['integrations', 'deployments'],
  ['connections'],
  ['proxy', 'records', 'webhooks-out'],
  ['connect'],
  ['runs'],
  ['syncs', 'actions', 'webhooks-in'],
  ['mcp', 'health'],
];
export const entries = ['app', 'worker', 'main'];
/** The only folders that may seal or open a secret. */
export const sealers = ['connections', 'connect', 'integrations', 'environments', 'webhooks-out', 'records'];
