/** A deployed function: authored code of one integration. Its identity is (integration, type, name); deploying again keeps the row, which points to a version. */
import type { FunctionSummary } from '@bowline/api/integrations';

export type FunctionType = 'sync' | 'action' | 'on-event';

/** What the author declared, as the deployment sent it, without the code. */
export type FunctionConfig = {
  description?: string | undefined;
  scopes?: string[] | undefined;
  models: string[];
  input?: string | undefined;
  /** Frequency text; syncs only. */
  runs?: string | null;
  autoStart: boolean;
  trackDeletes: boolean;
  syncType?: 'full' | 'incremental' | undefined;
  attributes?: Record<string, unknown> | undefined;
  endpoints?: unknown[] | undefined;
  webhookSubscriptions?: string[] | undefined;
  /** `connection`: those of a connection are handled one after the other, in the order in which they came. */
  webhookOrder?: 'any' | 'connection' | undefined;
  schema?: { definitions: Record<string, object> } | undefined;
  features?: string[] | undefined;
  sdkVersion?: string | undefined;
  /** It came with a bundle, and only bundles change it. */
  isBundled?: boolean;
};

export type DeployedFunction = {
  readonly id: number;
  readonly environmentId: number;
  readonly integrationId: number;
  readonly type: FunctionType;
  readonly name: string;
  readonly event: string | null;
  /** The row of the version it runs, and that version's number. */
  readonly versionId: number;
  readonly number: number;
  /** The label of that version. */
  readonly version: string;
  readonly enabled: boolean;
  readonly source: 'repo' | 'catalog' | 'standalone';
  readonly config: FunctionConfig;
  readonly frequencyMs: number | null;
  readonly codeHash: Buffer;
  /** When it was given this version. */
  readonly deployedAt: Date;
};

export function wireFunction(fn: DeployedFunction): FunctionSummary {
  const { config } = fn;
  const schema = { returns: config.models, json_schema: config.schema ?? null, ...(config.input ? { input: config.input } : {}) };
  return {
    id: fn.id,
    name: fn.name,
    type: fn.type,
    ...(config.description === undefined ? {} : { description: config.description }),
    ...(config.scopes ? { scopes: config.scopes } : {}),
    enabled: fn.enabled,
    version: fn.version,
    last_deployed: fn.deployedAt.toISOString(),
    source: fn.source,
    ...(fn.type === 'on-event' ? { event: fn.event ?? '' } : schema),
    ...(fn.type === 'sync' ? { runs: config.runs ?? null, auto_start: config.autoStart, track_deletes: config.trackDeletes } : {}),
  };
}
