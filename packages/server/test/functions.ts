/** Functions for tests: deployed over HTTP as a CLI would, their code written where it is tested. */
import type { Answer, Json, Platform } from './platform.ts';
import { eventually } from './platform.ts';

export type TestFunction = {
  type?: 'sync' | 'action';
  name: string;
  integration?: string;
  /** The body of `exec(nango, input)`. */
  exec?: string;
  /** The body of `onWebhook(nango, payload)`. */
  onWebhook?: string;
  models?: string[];
  runs?: string | null;
  autoStart?: boolean;
  trackDeletes?: boolean;
  version?: string;
  /** Further fields of the flow on the wire. */
  more?: object;
};

export function flowOf({
  type = 'sync',
  name,
  integration = 'key',
  exec = '',
  models = type === 'sync' ? ['Item'] : ['Output'],
  ...rest
}: TestFunction) {
  const define = type === 'sync' ? 'createSync' : 'createAction';
  const handler = rest.onWebhook === undefined ? '' : `, onWebhook: async (nango, payload) => {\n${rest.onWebhook}\n}`;
  const js = `const { ${define}, ActionError } = require('bowline');\nexports.default = ${define}({ exec: async (nango, input) => {\n${exec}\n}${handler} });`;
  return {
    type,
    syncName: name,
    providerConfigKey: integration,
    models,
    runs: type === 'sync' ? (rest.runs ?? 'every hour') : null,
    auto_start: rest.autoStart ?? true,
    track_deletes: rest.trackDeletes ?? false,
    ...(rest.version === undefined ? {} : { version: rest.version }),
    fileBody: { js, ts: `// ${name}\n${exec}` },
    ...rest.more,
  };
}

export function confirm({ call }: Platform, functions: readonly TestFunction[], more: object = {}): Promise<Answer> {
  const body = { flowConfigs: functions.map(flowOf), reconcile: false, debug: false, deployMode: 'integration', ...more };
  return call('POST', '/sync/deploy/confirmation', body);
}

/** Mode `integration`: what is not among them is removed from their integration, and from no other. */
export function tryDeploy({ call }: Platform, functions: readonly TestFunction[], more: object = {}): Promise<Answer> {
  const flowConfigs = functions.map(flowOf);
  return call('POST', '/sync/deploy', { flowConfigs, reconcile: true, debug: false, nangoYamlBody: '', deployMode: 'single', ...more });
}

/** Mode `single` unless told otherwise, so that tests of one file leave each other's functions alone. */
export async function deploy(platform: Platform, functions: readonly TestFunction[], more: object = {}): Promise<Json> {
  let answer = await tryDeploy(platform, functions, more);
  // A job of an earlier test may be deploying: its lock is let go in a moment, and nothing else is tried again.
  for (let turn = 0; answer.body.error?.code === 'concurrent_deployment' && turn < 50; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = await tryDeploy(platform, functions, more);
  }
  if (answer.status !== 200) throw new Error(`could not deploy: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export type TestOnEvent = { name: string; event: string; integration?: string; exec?: string };

/** On-event functions, beside what is deployed already. */
export async function deployOnEvents(platform: Platform, functions: readonly TestOnEvent[]): Promise<void> {
  const onEventScriptsByProvider = functions.map(({ name, event, integration = 'key', exec = '' }) => ({
    providerConfigKey: integration,
    scripts: [
      {
        name,
        event,
        fileBody: {
          js: `const { createOnEvent, ActionError } = require('bowline');\nexports.default = createOnEvent({ event: '${event}', exec: async (nango) => {\n${exec}\n} });`,
          ts: `// ${name}\n${exec}`,
        },
      },
    ],
  }));
  await deploy(platform, [], { onEventScriptsByProvider });
}

/** A connection by its id, in the integration `key` unless another is named. */
export type Where = string | { connection: string; integration: string };
const named = (where: Where) => (typeof where === 'string' ? { connection: where, integration: 'key' } : where);

export async function statusOf({ call }: Platform, where: Where, name: string): Promise<Json> {
  const { connection, integration } = named(where);
  const answer = await call('GET', `/sync/status?syncs=${name}&provider_config_key=${integration}&connection_id=${connection}`);
  return answer.body.syncs?.[0];
}

/** The status once no run is under way and one has ended. */
export function settled(platform: Platform, where: Where, name: string): Promise<Json> {
  return eventually(
    async () => {
      const status = await statusOf(platform, where, name);
      return status?.finishedAt && status.status !== 'RUNNING' ? status : undefined;
    },
    `${name} of ${named(where).connection} has run`,
  );
}

export async function trigger({ call }: Platform, where: Where, name: string, more: object = {}): Promise<Answer> {
  const { connection, integration } = named(where);
  return call('POST', '/sync/trigger', { provider_config_key: integration, connection_id: connection, syncs: [name], ...more });
}

/** Triggers and waits for the end of that run. */
export async function runOnce(platform: Platform, where: Where, name: string, more: object = {}): Promise<Json> {
  const before = (await statusOf(platform, where, name))?.finishedAt;
  const answer = await trigger(platform, where, name, more);
  if (answer.status !== 200) throw new Error(`could not trigger: ${JSON.stringify(answer.body)}`);
  return eventually(
    async () => {
      const status = await statusOf(platform, where, name);
      return status?.finishedAt && status.finishedAt !== before && status.status !== 'RUNNING' ? status : undefined;
    },
    `${name} of ${named(where).connection} has run again`,
  );
}

export async function recordsOf({ call }: Platform, where: Where, more = '', model = 'Item'): Promise<Json[]> {
  const { connection, integration } = named(where);
  const headers = { 'connection-id': connection, 'provider-config-key': integration };
  const answer = await call('GET', `/records?model=${model}&limit=1000${more}`, undefined, headers);
  if (answer.status !== 200) throw new Error(`could not read records: ${JSON.stringify(answer.body)}`);
  return answer.body.records;
}
