/** What the journal carries to the activity log: an operation starts, says something, ends. Entries are clean: see redact.ts. */

import type { JsonObject } from '@bowline/api/fields';
import type { OperationMessage, Operation as WireOperation } from '@bowline/api/logs';

export type OperationType = WireOperation['type'];
export type OperationState = WireOperation['state'];
export type FinalState = Exclude<OperationState, 'running'>;
export type MessageLevel = OperationMessage['level'];

type InOperation = { readonly environmentId: number; readonly operationId: string };

export type StartEntry = InOperation & {
  readonly entry: 'start';
  readonly type: OperationType;
  readonly action: string;
  readonly title: string;
  readonly integration: string | null;
  readonly provider: string | null;
  readonly connection: string | null;
  readonly function: string | null;
  readonly startedAt: Date;
  readonly meta: JsonObject | null;
};
export type MessageEntry = InOperation & {
  readonly entry: 'message';
  readonly at: Date;
  readonly level: MessageLevel;
  readonly kind: OperationMessage['kind'];
  readonly message: string;
  readonly meta: JsonObject | null;
};
export type EndEntry = InOperation & {
  readonly entry: 'end';
  readonly endedAt: Date;
  readonly state: FinalState;
  readonly error: string | null;
  /** Replaces the first one. */
  readonly title: string | null;
  /** Added to what was there. */
  readonly meta: JsonObject | null;
};
export type LogEntry = StartEntry | MessageEntry | EndEntry;
