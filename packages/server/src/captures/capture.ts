/** A capture: what a run asked and was answered, kept in sealed parts for as long as the environment wants. */
import type { Capture as WireCapture } from '@bowline/api/captures';
import { sql } from 'kysely';
import type { Place } from '../vault/sealed.ts';

/** What is known of a run when its function is called. */
export type Subject = {
  readonly environmentId: number;
  readonly runId: number;
  readonly operationId: string;
  readonly kind: 'sync' | 'action' | 'on-event';
  readonly integration: string;
  readonly connection: string;
  readonly function: string;
  readonly version: string;
  readonly codeHash: Buffer;
};
export type CaptureState = 'running' | 'whole' | 'cut';
export type CaptureRow = Omit<Subject, 'environmentId'> & {
  readonly id: number;
  readonly state: CaptureState;
  readonly calls: number;
  readonly bytes: number;
  readonly beganAt: Date;
  readonly endedAt: Date | null;
  readonly expiresAt: Date;
};

export const columns = sql`id, run_id, operation_id, kind, integration, connection, function, version, code_hash, state, calls, bytes,
  began_at, ended_at, expires_at`;

export const partPlace = ({ environmentId, captureId, part }: { environmentId: number; captureId: number; part: number }): Place => ({
  environmentId,
  context: `capture:${environmentId}:${captureId}:${part}`,
});

export const wireCapture = (row: CaptureRow): WireCapture => ({
  id: String(row.id),
  run_id: String(row.runId),
  operation_id: row.operationId,
  kind: row.kind,
  integration: row.integration,
  connection: row.connection,
  function: row.function,
  version: row.version,
  code_hash: row.codeHash.toString('hex'),
  state: row.state,
  calls: row.calls,
  bytes: row.bytes,
  began_at: row.beganAt.toISOString(),
  ended_at: row.endedAt?.toISOString() ?? null,
  expires_at: row.expiresAt.toISOString(),
});
