/** Examples of what was deployed when, and of going back. */
import type { DeploymentWithChanges, FunctionChange, FunctionVersion, Rollback } from '../history.ts';
import type { Examples } from './example.ts';
import { moment } from './integrations.ts';

const second = { number: 2, version: '2' };
const third = { number: 3, version: '3' };
const issues = { integration: 'github', name: 'issues', type: 'sync' } as const;
const update: FunctionChange = { ...issues, change: 'updated', from: second, to: third };
const goBack: FunctionChange = { ...issues, change: 'rolled_back', from: third, to: second };
const deployed_by = { type: 'api_key', name: 'CI' } as const;
const deployment: DeploymentWithChanges = {
  number: 12,
  kind: 'deploy',
  deployed_by,
  target: null,
  operation_id: 'Tk3vHc2Q8rXyA0mLwZ9u',
  unchanged: 41,
  created_at: moment,
  changes: [update],
};
const version: FunctionVersion = {
  ...third,
  type: 'sync',
  current: true,
  source: 'repo',
  deployment: 12,
  deployed_by,
  created_at: moment,
  code_hash: '9f2c41d07be3',
  code_kept: true,
  models: ['Issue'],
  runs: 'every 5 minutes',
};
const planned: Rollback = { deployment: null, changes: [goBack], unchanged: 41, deletedModels: [] };
const preview = { answer: { data: planned } };
const done = { answer: { data: { ...planned, deployment: 13 } } };
const body = { type: 'sync', version: 2 } as const;

export const examplesOfHistory: Examples<'history'> = {
  history: {
    deployments: { answer: { data: [deployment] } },
    deployment: { answer: { data: deployment } },
    rollBack: done,
    previewRollBack: preview,
    versions: { answer: { data: [version] } },
    rollBackFunction: { body, ...done },
    previewRollBackFunction: { body, ...preview },
  },
};
