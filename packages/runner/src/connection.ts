/**
 * The connection as a function sees it: itself, its metadata, its token, its integration, and the environment's variables.
 * A connection is remembered for 60 s and an integration for ten minutes, as published functions read metadata in loops.
 */
import type { CallParams } from '@bowline/api/calls';
import type { RunSpec } from '@bowline/api/protocol';
import { Memo } from './memo.ts';
import type { Port } from './port.ts';

const connectionMs = 60_000;
const integrationMs = 600_000;

type Fields = Record<string, unknown>;
type RefreshOptions = Pick<CallParams<'connection.get'>, 'refreshToken' | 'refreshGithubAppJwtToken' | 'forceRefresh'>;
type Include = CallParams<'integration.get'>['include'][number];

export function createConnection(port: Port, run: RunSpec) {
  const connections = new Memo<Fields>(connectionMs);
  const integrations = new Memo<Fields>(integrationMs);

  const getConnection = (providerConfigKey = run.providerConfigKey, connectionId = run.connectionId, options: RefreshOptions = {}) => {
    const ask = () => port.ask('connection.get', { providerConfigKey, connectionId, ...options });
    const fresh = Object.values(options).some((option) => option !== undefined);
    return fresh ? ask() : connections.get(JSON.stringify([providerConfigKey, connectionId]), ask);
  };
  const getMetadata = async () => (await getConnection()).metadata;
  const write = (method: 'metadata.set' | 'metadata.update') => async (metadata: Fields) => {
    try {
      return { data: await port.ask(method, { metadata }), status: 200, statusText: 'OK', headers: {}, config: {} };
    } finally {
      connections.clear();
    }
  };
  const updateMetadata = write('metadata.update');
  const getIntegration = (options?: { include?: Include[] }) => {
    const include = [...(options?.include ?? [])].sort();
    return integrations.get(include.join(), () => port.ask('integration.get', { include }));
  };

  return {
    getConnection,
    getMetadata,
    setMetadata: write('metadata.set'),
    updateMetadata,
    getToken: () => port.ask('token.get', {}),
    getIntegration,
    getWebhookURL: async () => (await getIntegration({ include: ['webhook'] })).webhook_url,
    getEnvironmentVariables: () => port.ask('variables.get', {}),
    /** Deprecated: metadata under its former name. */
    getFieldMapping: async () => {
      const metadata = await getMetadata();
      return (typeof metadata === 'object' && metadata !== null && 'fieldMapping' in metadata ? metadata.fieldMapping : undefined) ?? {};
    },
    setFieldMapping: (fieldMapping: Fields) => updateMetadata({ fieldMapping }),
    getFlowAttributes: async () => {
      if (run.syncJobId === undefined) throw new Error('There is no current sync to get attributes from');
      return port.ask('attributes.get', {});
    },
  };
}
