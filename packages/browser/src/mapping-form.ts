/** Mapping fields, without a page: what is loaded, chosen, wrong, previewed and stored. The component draws it. */
import { judgeMapping, type Mappable, type Mapping, type MappingIssue, type MappingRequest } from '@bowline/api/field-mapping';

export type { AppField, FieldType, Mappable, Mapping, MappingIssue, ProviderField } from '@bowline/api/field-mapping';

/**
 * Where the fields come from and the mapping goes: your backend. `mappingSource(url)` makes one of a route that `fieldMappingHandler` of
 * `@bowline/node` answers.
 *
 * @example
 * const source: FieldMappingSource = {
 *   list: async () => ({ fields: [{ name: 'priority' }], available: [{ id: 'custom_field_1' }], mapping: {} }),
 *   preview: async (mapping) => ({ priority: 3 }),
 *   save: async (mapping) => {},
 *   start: async () => {},
 * };
 */
export type FieldMappingSource = {
  list(): Promise<Mappable>;
  /** A record as your app would get it. */
  preview(mapping: Mapping): Promise<Record<string, unknown>>;
  save(mapping: Mapping): Promise<void>;
  /** Starts the sync that reads the mapping. */
  start(): Promise<void>;
};

/**
 * What a source rejects with when the server found something wrong that the page did not see.
 *
 * @example
 * throw new MappingError('Somebody deleted that field', [{ field: 'priority', code: 'unknown_field', message: 'It no longer exists' }]);
 */
export class MappingError extends Error {
  override readonly name = 'MappingError';
  readonly issues: readonly MappingIssue[];
  constructor(message: string, issues: readonly MappingIssue[] = []) {
    super(message);
    this.issues = issues;
  }
}

/**
 * @param url a route of your own app; cookies of your app go with it
 *
 * @example
 * element.source = mappingSource('/api/field-mapping');
 */
export function mappingSource(url: string): FieldMappingSource {
  const ask = async (request: MappingRequest): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      credentials: 'same-origin',
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    const { message, issues } = Object(Object(answer).error);
    throw new MappingError(typeof message === 'string' ? message : `The server answered with ${response.status}`, issues);
  };
  return {
    list: async () => (await ask({ do: 'list' })) as Mappable, // of fieldMappingHandler
    preview: async (mapping) => (await ask({ do: 'preview', mapping })) as Record<string, unknown>, // of fieldMappingHandler
    save: async (mapping) => void (await ask({ do: 'save', mapping })),
    start: async () => void (await ask({ do: 'start' })),
  };
}

export type MappingState = Mappable & {
  step: 'loading' | 'unloaded' | 'editing' | 'saving' | 'done';
  /** Shown once the person tried to save, so that nothing is wrong before it is filled in. */
  issues: readonly MappingIssue[];
  preview: Readonly<Record<string, unknown>> | undefined;
  /** Of the last call that failed. */
  failure: string | undefined;
};

export class MappingForm {
  state: MappingState = { step: 'loading', fields: [], available: [], mapping: {}, issues: [], preview: undefined, failure: undefined };
  readonly #source: FieldMappingSource;
  readonly #changed: () => void;
  #tried = false;

  constructor(source: FieldMappingSource, changed: () => void) {
    this.#source = source;
    this.#changed = changed;
  }

  async load(): Promise<void> {
    this.#set({ step: 'loading', failure: undefined });
    await this.#try('unloaded', async () => this.#set({ step: 'editing', ...(await this.#source.list()) }));
  }

  choose(field: string, id: string): void {
    const mapping = { ...this.state.mapping, [field]: id === '' ? null : id };
    this.#set({ step: 'editing', mapping, preview: undefined, failure: undefined });
    if (this.#tried) this.#judge();
  }

  async preview(): Promise<void> {
    if (!this.#judge()) return;
    await this.#try('editing', async () => this.#set({ preview: await this.#source.preview(this.state.mapping) }));
  }

  /** @returns the mapping once it is stored and the sync started; undefined when something is wrong */
  async submit(): Promise<Mapping | undefined> {
    if (this.state.step !== 'editing' || !this.#judge()) return undefined;
    this.#set({ step: 'saving', failure: undefined });
    return this.#try('editing', async () => {
      await this.#source.save(this.state.mapping);
      await this.#source.start();
      this.#set({ step: 'done' });
      return this.state.mapping;
    });
  }

  #judge(): boolean {
    this.#tried = true;
    const issues = judgeMapping(this.state);
    this.#set({ issues });
    return issues.length === 0;
  }

  async #try<T>(otherwise: MappingState['step'], work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const issues = error instanceof MappingError ? error.issues : [];
      this.#set({ step: otherwise, issues, failure: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }

  #set(change: Partial<MappingState>): void {
    this.state = { ...this.state, ...change };
    this.#changed();
  }
}
