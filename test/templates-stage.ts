/**
 * What tests of the functions to start from stand on: emulators of the vendors, a platform with a connection to each, and the functions deployed by the
 * built command as a customer does it.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type EmulatorOptions } from 'emulate';
import { expect } from 'vitest';
import { freePorts } from '../demo/src/place.ts';
import { deploy, dropHome, makeHome, type Platform, root, startPlatform, until } from './platform.ts';

/** What the emulators take for the customer's access. */
export const TOKEN = 'customer-1';

type OnOAuth2 = { type: 'OAUTH2'; access_token: string };
type Basic = { type: 'BASIC'; username: string; password: string };
/** One integration of the folder: the emulator that stands for its vendor, and what a customer's connection to it holds. */
export type Emulated = {
  service: EmulatorOptions['service'];
  /** Where the API begins at the emulator. */
  path?: string;
  credentials?: OnOAuth2 | Basic;
  connection_config?: Record<string, string>;
};
type Seeds = Partial<Record<EmulatorOptions['service'], NonNullable<EmulatorOptions['seed']>>>;
type Records = Record<string, unknown>[];

export type TemplateStage<Key extends string> = {
  readonly platform: Platform;
  /** The output of an action. */
  act(key: Key, action_name: string, input: object): Promise<Record<string, unknown>>;
  /** What the API behind the connection says. */
  upstream(key: Key, path: string): Promise<unknown>;
  /** All records, once a run has ended that was triggered now; `reset`: from the start. */
  synced(key: Key, sync: string, model: string, options?: { reset?: boolean }): Promise<Records>;
  close(): Promise<void>;
};

export async function openTemplates<Key extends string>(integrations: Record<Key, Emulated>, seeds: Seeds): Promise<TemplateStage<Key>> {
  const place = await makeHome();
  const project = mkdtempSync(join(tmpdir(), 'bowline-project-'));
  const all = Object.entries<Emulated>(integrations);
  const services = [...new Set(all.map(([, { service }]) => service))];
  const ports = await freePorts(services.length);
  const hostOf = (service: Emulated['service']) => `127.0.0.1:${ports[services.indexOf(service)]}`;
  const emulators = await Promise.all(
    services.map((service, index) =>
      createEmulator({
        service,
        port: ports[index] ?? 0,
        baseUrl: `http://${hostOf(service)}`,
        ...(seeds[service] ? { seed: seeds[service] } : {}),
      }),
    ),
  );
  const providers = all.map(([key, { service, path = '' }]) => writeProvider(place.home, key, `http://${hostOf(service)}${path}`));
  const platform = await startPlatform({ ...place, providers, allow: services.map(hostOf) });
  for (const [key, emulated] of all) await connect(platform, key, emulated);
  keepOnly(
    project,
    all.map(([key]) => key),
  );
  deploy(platform, project);
  const of = (key: Key) => ({ 'connection-id': 'ada', 'provider-config-key': key });
  return {
    platform,
    act: async (key, action_name, input) =>
      Object(await platform.api.actions.trigger({ query: {}, headers: of(key), body: { action_name, input } })),
    upstream: async (key, path) => (await platform.fetch(`/proxy${path}`, { headers: of(key) })).json(),
    synced: async (key, sync, model, { reset = false } = {}) => {
      await runAgain(platform, key, sync, reset);
      return allRecords(platform, of(key), model);
    },
    close: async () => {
      await platform.stop();
      await Promise.all(emulators.map((emulator) => emulator.close()));
      dropHome(place);
      rmSync(project, { recursive: true, force: true });
    },
  };
}

/** The provider of the catalogue, with the emulator's address. */
function writeProvider(home: string, key: string, url: string): string {
  const folder = join(home, '..', 'providers');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${key}-emulated.yaml`);
  writeFileSync(file, [`extends: ${key}`, `display_name: ${key}, emulated`, 'proxy:', `  base_url: ${url}`, ''].join('\n'));
  return file;
}

async function connect(
  platform: Platform,
  key: string,
  { credentials = { type: 'OAUTH2', access_token: TOKEN }, connection_config = {} }: Emulated,
) {
  const client = { type: 'OAUTH2', client_id: 'client', client_secret: 'secret', scopes: '' } as const;
  const app = credentials.type === 'OAUTH2' ? { credentials: client } : {};
  await platform.api.integrations.create({ query: {}, body: { provider: `${key}-emulated`, unique_key: key, ...app } });
  const body = { provider_config_key: key, connection_id: 'ada', credentials, connection_config };
  await platform.api.connections.import({ query: {}, body });
}

/** The folder as it is, its list cut down to some integrations: what its README tells people to do. */
function keepOnly(project: string, wanted: readonly string[]): void {
  cpSync(join(root, 'examples/integrations'), project, { recursive: true });
  const index = join(project, 'index.ts');
  const lines = readFileSync(index, 'utf8').split('\n');
  writeFileSync(index, lines.filter((line) => wanted.some((key) => line.startsWith(`import './${key}/`))).join('\n'));
}

/** Resolves once a run has ended that was not over before. */
async function runAgain(platform: Platform, key: string, sync: string, reset: boolean): Promise<void> {
  const named = { provider_config_key: key, connection_id: 'ada' };
  const ended = async () => {
    const [one] = (await platform.api.syncs.status({ query: { syncs: sync, ...named } })).syncs;
    return one?.status === 'SUCCESS' || one?.status === 'ERROR' ? one : undefined;
  };
  const before = await until(`the first run of ${key} ${sync}`, ended);
  await platform.api.syncs.trigger({ query: {}, headers: {}, body: { syncs: [sync], ...named, ...(reset ? { opts: { reset } } : {}) } });
  const after = await until(`a run of ${key} ${sync}`, async () => {
    const one = await ended();
    return one && one.finishedAt !== before.finishedAt ? one : undefined;
  });
  expect(after.status).toBe('SUCCESS');
}

async function allRecords(platform: Platform, headers: { 'connection-id': string; 'provider-config-key': string }, model: string) {
  const records: Records = [];
  for (let cursor: string | undefined; ; ) {
    const page = await platform.api.records.list({ headers, query: { model, limit: 1000, ...(cursor === undefined ? {} : { cursor }) } });
    records.push(...page.records);
    if (page.next_cursor === null) return records;
    cursor = page.next_cursor;
  }
}
