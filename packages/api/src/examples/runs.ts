/** Examples of records, of what makes them (syncs, actions), and of the log of it. */

import type { Operation, OperationMessage } from '../logs.ts';
import type { SyncLimits } from '../sync-limits.ts';
import type { SyncStatus, Triggered } from '../syncs.ts';
import type { Examples } from './example.ts';

const cursor = 'MTo0ODE1MTYyMzQy';
const status: SyncStatus = {
  id: '7e1f3c5a-9b2d-4f60-8c7e-1a2b3c4d5e6f',
  connection_id: 'user-1',
  name: 'issues',
  variant: 'base',
  type: 'INCREMENTAL',
  status: 'SUCCESS',
  frequency: '5 minutes',
  finishedAt: '2026-08-01T10:00:05.000Z',
  nextScheduledSyncAt: '2026-08-01T10:05:00.000Z',
  latestExecutionStatus: 'SUCCESS',
  latestResult: { Issue: { added: 3, updated: 1, deleted: 0 } },
  lateness: {
    dueAt: '2026-08-01T10:00:00.000Z',
    startedAt: '2026-08-01T10:00:00.120Z',
    lateByMs: 120,
    missed: 0,
    waitingSince: null,
    waitingFor: null,
  },
  recordCount: { Issue: 128 },
  checkpoint: { updatedSince: '2026-08-01T09:59:58Z' },
};
const triggered: Triggered = { connection_id: 'user-1', name: 'issues', variant: 'base', outcome: 'started' };
const choice = { syncs: ['issues'], provider_config_key: 'github', connection_id: 'user-1' };
const oneConnection = { provider_config_key: 'github', connection_id: 'user-1' };
const issue = { title: 'The door does not close', repository: 'octocat/hello-world' };
const created = { id: '1042', url: 'https://github.com/octocat/hello-world/issues/1042' };

const limits: { data: SyncLimits } = {
  data: {
    server: { slots: 16, environment: 12, integration: 12, connection: 4, first_runs: 12 },
    environment: { weight: 1, runs_max: null, running: 5 },
    integration: { runs_max: 8, connection_runs_max: 1, running: 3 },
    connection: { runs_max: 2, running: 1 },
  },
};
const held = {
  ...oneConnection,
  model: 'Issue',
  variant: 'base',
  count: 640,
  of: 1000,
  reason: 'many_records' as const,
  held_at: '2026-03-01T12:00:04.000Z',
  examples: ['1001', '1002'],
};
const operation: Operation = {
  id: '019f1c2e-7a40-7c31-9d52-6b8a1f0e4c77',
  type: 'sync',
  action: 'run',
  state: 'success',
  title: 'Sync issues',
  integration: 'github',
  provider: 'github',
  connection: 'user-1',
  function: 'issues',
  started_at: '2026-08-01T10:00:00.000Z',
  ended_at: '2026-08-01T10:00:05.000Z',
  duration_ms: 5000,
  error: null,
  meta: { version: '3', models: ['Issue'] },
};
const message: OperationMessage = {
  id: '48151',
  at: '2026-08-01T10:00:01.000Z',
  level: 'info',
  kind: 'log',
  message: 'Read page 1',
  meta: { issues: 100 },
};

export const examplesOfRuns: Examples<'records' | 'syncs' | 'syncLimits' | 'actions' | 'invocations' | 'mcp' | 'webhooks' | 'logs'> = {
  webhooks: {
    stream: {
      answer: {
        cursor: '17',
        missed: 0,
        data: [
          {
            id: '17',
            integration: 'github',
            method: 'POST',
            query: '',
            headers: [
              ['Content-Type', 'application/json'],
              ['X-GitHub-Event', 'issues'],
            ],
            body: 'eyJhY3Rpb24iOiJvcGVuZWQifQ==',
            received_at: '2026-08-01T10:00:00.000Z',
          },
        ],
      },
    },
  },
  mcp: {
    call: {
      body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'create-issue', arguments: issue } },
      answer: { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: JSON.stringify(created, null, 2) }] } },
    },
  },
  records: {
    list: {
      answer: {
        records: [
          {
            id: '1042',
            title: 'The door does not close',
            state: 'open',
            _nango_metadata: {
              first_seen_at: '2026-08-01T10:00:00.123456+00:00',
              last_modified_at: '2026-08-01T10:00:00.123456+00:00',
              last_action: 'ADDED',
              deleted_at: null,
              pruned_at: null,
              cursor,
            },
          },
        ],
        next_cursor: null,
      },
    },
    prune: { body: { model: 'Issue', until_cursor: cursor }, answer: { count: 250, has_more: false } },
  },
  syncs: {
    heldDeletions: { answer: { held: [held] } },
    approveDeletions: { body: { ...oneConnection, model: 'Issue' }, answer: { deleted: 640 } },
    discardDeletions: { body: { ...oneConnection, model: 'Issue' }, answer: { success: true } },
    trigger: { body: { ...choice, opts: { reset: true } }, answer: { success: true, syncs: [triggered] } },
    pause: { body: choice, answer: { success: true } },
    start: { body: choice, answer: { success: true } },
    status: { answer: { syncs: [status] } },
    frequency: { body: { ...oneConnection, sync_name: 'issues', frequency: 'every hour' }, answer: { frequency: '1h' } },
    createVariant: {
      body: oneConnection,
      answer: { id: '2c4e6a8c-0d1e-4f3a-9b5d-7f9a1c3e5b7d', name: 'issues', variant: 'archived' },
    },
    deleteVariant: { body: oneConnection, answer: { success: true } },
  },
  syncLimits: { get: { answer: limits }, update: { body: { ...oneConnection, connection: { runs_max: 2 } }, answer: limits } },
  actions: { trigger: { body: { action_name: 'create-issue', input: issue }, answer: created }, result: { answer: created } },
  logs: {
    operations: { answer: { operations: [operation], next_cursor: null } },
    operation: { answer: { operation, messages: [message], next_cursor: null } },
    messages: { answer: { operations: [operation], messages: [{ ...message, operation_id: operation.id }], next_cursor: null } },
  },
  invocations: {
    invoke: {
      body: { connection_id: 'user-1', integration_id: 'github', name: 'create-issue', input: issue, invocation_type: 'wait' },
      answer: { status: 'success', output: created },
    },
  },
};
