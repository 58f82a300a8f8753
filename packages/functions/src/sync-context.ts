/**
 * The `nango` object of a sync: the action's, and the records of the sync's models.
 * Records are checked against the union of all models of the sync, and the name against their keys; existing multi-model functions rely on it.
 */
import type { NangoAction } from './action-context.ts';
import type { AnyRecord, ModelName, ZodCheckpoint, ZodMetadata, ZodModels } from './schema.ts';

/**
 * The `nango` object of a sync.
 *
 * @example
 * type Nango = Parameters<(typeof sync)['exec']>[0];
 * const save = (nango: Nango, page: Issue[]) => nango.batchSave(page, 'Issue');
 */
export interface NangoSync<
  Models extends ZodModels = ZodModels,
  Metadata extends ZodMetadata = ZodMetadata,
  Checkpoint extends ZodCheckpoint = ZodCheckpoint,
> extends NangoAction<Metadata, Checkpoint> {
  /** Start of the last successful run; undefined on the first and after a reset. Prefer a checkpoint. */
  readonly lastSyncDate?: Date | undefined;
  /** `base`, or the name of the copy of the sync that runs. */
  readonly variant: string;

  /** Creates or replaces records. Unchanged ones are recognised and not reported. */
  batchSave<T extends AnyRecord<Models>>(records: T[], model: ModelName<Models>): Promise<boolean>;
  /** Marks records as deleted; only their ids are needed. */
  batchDelete<T extends { id: string } & Partial<AnyRecord<Models>>>(records: T[], model: ModelName<Models>): Promise<boolean>;
  /** Merges into existing records; unknown ids are ignored. */
  batchUpdate<T extends { id: string } & Partial<AnyRecord<Models>>>(records: T[], model: ModelName<Models>): Promise<boolean>;
  /** @deprecated Use `batchSave`. */
  batchSend<T extends AnyRecord<Models>>(records: T[], model: ModelName<Models>): Promise<boolean>;

  /** Opens a full crawl: whatever is not saved before `trackDeletesEnd` was deleted upstream. Survives an interrupted run. */
  trackDeletesStart(model: ModelName<Models>): Promise<void>;
  /** Closes the crawl and marks what was not seen as deleted. */
  trackDeletesEnd(model: ModelName<Models>): Promise<{ deletedKeys: string[] }>;
  /** @deprecated Use `trackDeletesStart` and `trackDeletesEnd`. */
  deleteRecordsFromPreviousExecutions(model: ModelName<Models>): Promise<{ deletedKeys: string[] }>;

  getRecordsByIds<Id = string, T = AnyRecord<Models>>(ids: Id[], model: ModelName<Models>): Promise<Map<Id, T>>;
  listRecords<T = AnyRecord<Models>>(model: ModelName<Models>, options?: { cursor?: string }): AsyncGenerator<T, undefined, void>;
  setMergingStrategy(merging: { strategy: 'override' | 'ignore_if_modified_after' }, model: ModelName<Models>): Promise<void>;
}
