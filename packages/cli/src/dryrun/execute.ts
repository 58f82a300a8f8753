/** Runs a function for a real connection in a sandbox on this machine. */
import type { ConnectionSummary } from '@bowline/api/connections';
import type { RunSpec } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import type { Sandboxes, SandboxLine } from '@bowline/sandbox/pool';
import type { Compiled } from '../compile/compiled.ts';
import type { Done } from '../fixture/host.ts';
import { paginationOf } from '../local/catalogue.ts';
import type { Kind } from './choose.ts';
import type { Guard } from './guard.ts';
import { liveHost } from './host.ts';
import type { Kept } from './host-records.ts';
import type { Server } from './server.ts';
import { type Found, nothingFound, type Tell } from './setup.ts';
import type { Values } from './values.ts';

export type Plan = {
  server: Server;
  compiled: Compiled;
  kind: Kind;
  connection: ConnectionSummary;
  values: Values;
  variant: string;
  readOnly: boolean;
  /** Another function of the integration has the same name. */
  isShared: boolean;
  /** Time moves only by waiting, as it will when the recording is played. */
  recorded: boolean;
};
type Outside = { guard: Guard; tell: Tell; onLog: (line: SandboxLine) => void };
export type Ran = {
  /** ISO */
  began: string;
  ms: number;
  output: unknown;
  error: RunError | undefined;
  found: Found;
  done: Done;
  kept: Map<string, Kept>;
  memoryBytes: number | undefined;
};

/** Those of the platform. */
const timeoutsMs: Readonly<Record<Kind, number>> = { sync: 86_400_000, action: 900_000, 'on-event': 300_000, webhook: 900_000 };

export async function execute(plan: Plan, sandboxes: Sandboxes, { guard, tell, onLog }: Outside): Promise<Ran> {
  const { server, compiled, kind, connection, values, variant, readOnly } = plan;
  const { name } = compiled.definition.entry;
  const models = modelsOf(compiled);
  const found = nothingFound();
  const done: Done = { batchSave: {}, batchUpdate: {}, batchDelete: {}, checkpoint: values.checkpoint ?? null };
  const own = { providerConfigKey: connection.provider_config_key, connectionId: connection.connection_id };
  const host = liveHost({ server, own, kind, name, models, variant, values, readOnly, guard, tell, found, done });
  const now = new Date();
  let memoryBytes: number | undefined;
  const outcome = await sandboxes.run({
    owner: 'dryrun',
    run: specOf(plan, models, now),
    code: compiled.js,
    timeoutMs: timeoutsMs[kind],
    signal: new AbortController().signal,
    onCall: host.answer,
    onLog,
    onMemory: (bytes) => {
      memoryBytes = Math.max(memoryBytes ?? 0, bytes);
    },
  });
  const ran = { began: now.toISOString(), ms: Date.now() - now.getTime(), found, done, kept: host.kept, memoryBytes };
  if (!outcome.ok) return { ...ran, output: undefined, error: outcome.error };
  return { ...ran, output: JSON.parse(outcome.output.toString('utf8')), error: undefined };
}

export const modelsOf = ({ definition, schemas }: Compiled): string[] => (definition.kind === 'sync' ? (schemas?.models ?? []) : []);

function specOf({ compiled, kind, connection, values, variant, server, recorded }: Plan, models: string[], now: Date): RunSpec {
  const paginate = paginationOf(connection.provider);
  return {
    kind,
    name: compiled.definition.entry.name,
    connectionId: connection.connection_id,
    providerConfigKey: connection.provider_config_key,
    provider: connection.provider,
    environmentId: 0,
    environmentName: server.environment,
    nangoConnectionId: connection.id,
    activityLogId: 'dryrun',
    syncJobId: 1,
    variant,
    models,
    isCLI: true,
    ...(recorded ? { replay: { now: now.toISOString(), waits: true } } : {}),
    ...(values.lastSyncDate === undefined ? {} : { lastSyncDate: values.lastSyncDate }),
    ...('input' in values ? { input: values.input } : {}),
    ...('payload' in values ? { payload: values.payload } : {}),
    ...(paginate ? { paginate } : {}),
  };
}
