/**
 * The `nango` object for tests of one's own under Vitest, answered from a recording. The classes and their habits are those of `nango/test`, which
 * existing test files import: an answer outside 2xx does not throw, what is not recorded says `Missing mock data for …`. `bowline test` plays
 * the same files without test files, and throws as the platform does.
 */
import { readFileSync } from 'node:fs';
import { basename, join, dirname as parentOf } from 'node:path';
import { ActionError } from '@bowline/runner/errors';
import type { ProxyConfig, Send } from '@bowline/runner/http';
import { paginate } from '@bowline/runner/paginate';
import { vi } from 'vitest';
import { type Fixture, fixtureSchema } from './fixture/fixture.ts';
import { identify } from './fixture/identity.ts';
import { explainMiss, findEntry } from './fixture/match.ts';
import { paginationOf } from './local/catalogue.ts';

/** `dirname`: the folder of the recordings, `<integration>/tests`. `name`: of the function. */
type Options = { dirname: string; name: string; Model?: string };
type Checkpoint = Record<string, unknown> | null;

export class NangoActionMock {
  readonly providerConfigKey: string;
  readonly ActionError = ActionError;
  readonly fixtureProvider: { mockData: Fixture };
  readonly get: Send;
  readonly post: Send;
  readonly put: Send;
  readonly patch: Send;
  readonly delete: Send;
  readonly proxy: Send;
  readonly paginate: (config: ProxyConfig) => AsyncGenerator<unknown[], undefined, void>;
  readonly log = vi.fn();
  readonly getConnection = vi.fn(async () => this.recorded('getConnection'));
  readonly getMetadata = vi.fn(async () => this.recorded('getMetadata'));
  readonly updateMetadata = vi.fn(async () => this.nango.updateMetadata);
  readonly deleteRecordsFromPreviousExecutions = vi.fn(async () => this.nango.deleteRecordsFromPreviousExecutions);
  readonly trackDeletesStart = vi.fn(async () => this.nango.trackDeletesStart);
  readonly trackDeletesEnd = vi.fn(async () => this.nango.trackDeletesEnd);
  readonly getWebhookURL = vi.fn(async () => 'https://example.com/webhook');
  readonly zodValidateInput = vi.fn(async ({ input }: { input: unknown }) => ({ data: input }));

  constructor({ dirname, name }: Options) {
    const file = join(dirname, `${name}.test.json`);
    this.fixtureProvider = { mockData: fixtureSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
    this.providerConfigKey = basename(parentOf(dirname));
    const send: Send = async (config) => this.answer(config);
    const as = (method: string) => vi.fn<Send>((config) => send({ ...config, method }));
    this.proxy = vi.fn(send);
    this.get = as('GET');
    this.post = as('POST');
    this.put = as('PUT');
    this.patch = as('PATCH');
    this.delete = as('DELETE');
    this.paginate = vi.fn((config: ProxyConfig) =>
      paginate(send, config, paginationOf(this.fixture.bowline?.provider ?? this.providerConfigKey)),
    );
  }

  async getInput(): Promise<unknown> {
    return this.fixture.input;
  }

  async getOutput(): Promise<unknown> {
    if (!('output' in this.fixture)) throw new Error('Missing mock data for output');
    return this.fixture.output;
  }

  protected get fixture(): Fixture {
    return this.fixtureProvider.mockData;
  }

  protected get nango(): NonNullable<Fixture['nango']> {
    return this.fixture.nango ?? {};
  }

  private recorded(what: 'getConnection' | 'getMetadata'): unknown {
    const value = this.nango[what];
    if (value === undefined) throw new Error(`Missing mock data for ${what}`);
    return value;
  }

  private readonly asked = new Map<string, number>();

  private answer(config: ProxyConfig): Awaited<ReturnType<Send>> {
    const headers = Object.entries(config.headers ?? {}).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, String(value)]],
    );
    const identity = identify({ ...config, method: config.method ?? 'GET', headers: Object.fromEntries(headers) });
    const key = JSON.stringify(identity);
    const turn = (this.asked.get(key) ?? 0) + 1;
    this.asked.set(key, turn);
    const entry = findEntry(this.fixture.api, identity, turn);
    if (!entry)
      throw new Error(
        `No mock found for ${identity.method.toUpperCase()} ${identity.endpoint}. ${explainMiss(this.fixture.api, identity)}`,
      );
    const told = Object.entries(entry.headers ?? {}).map(([name, value]) => [name, String(value)]);
    const data = entry.encoding === 'base64' ? Buffer.from(String(entry.response), 'base64') : entry.response;
    return { data, status: entry.status ?? 200, statusText: '', headers: Object.fromEntries(told), config };
  }
}

export class NangoSyncMock extends NangoActionMock {
  readonly lastSyncDate = null;
  readonly batchSave = vi.fn();
  readonly batchDelete = vi.fn();
  readonly batchUpdate = vi.fn();
  private checkpoint: Checkpoint = this.fixture.bowline?.checkpoint ?? null;
  readonly getCheckpoint = vi.fn(async () => this.checkpoint);
  readonly saveCheckpoint = vi.fn(async (checkpoint: Checkpoint) => {
    this.checkpoint = checkpoint;
  });
  readonly clearCheckpoint = vi.fn(async () => {
    this.checkpoint = null;
  });
  readonly listRecords = vi.fn(async function* (): AsyncGenerator<unknown> {});

  async getBatchSaveData(model: string): Promise<unknown[] | undefined> {
    return this.nango.batchSave?.[model];
  }

  async getBatchDeleteData(model: string): Promise<unknown[] | undefined> {
    return this.nango.batchDelete?.[model];
  }
}
