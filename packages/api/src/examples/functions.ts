/** Examples of deploying functions and of looking at them. */
import type { Deployment, DeploymentPlan } from '../deploy.ts';
import type { Job } from '../deployments.ts';
import type { BundlePlan } from '../function-bundle.ts';
import type { ScriptsOfIntegration } from '../functions.ts';
import type { Examples } from './example.ts';
import { issueSchema, moment, syncFunction } from './integrations.ts';

const ts = "import { createAction } from 'bowline';\n…";
const js = '"use strict";\n…';
const scripts: ScriptsOfIntegration = {
  providerConfigKey: 'github',
  provider: 'github',
  syncs: [
    {
      id: 12,
      name: 'issues',
      type: 'sync',
      returns: ['Issue'],
      description: 'Keeps the issues of all repositories.',
      attributes: {},
      scopes: ['repo'],
      version: '3',
      source: 'repo',
      endpoints: [{ method: 'GET', path: '/issues', group: null }],
      enabled: true,
      last_deployed: moment,
      webhookSubscriptions: [],
      json_schema: issueSchema,
      sdk_version: '0.1.0-zero',
      models: ['Issue'],
      features: ['checkpoints'],
      sync_type: 'incremental',
      auto_start: true,
      runs: 'every 5 minutes',
      track_deletes: false,
    },
  ],
  actions: [],
  'on-events': [],
};

const {
  source: _,
  nangoYamlBody,
  ...confirmation
}: Deployment = {
  flowConfigs: [
    {
      type: 'sync',
      syncName: 'issues',
      providerConfigKey: 'github',
      models: ['Issue'],
      runs: 'every 5 minutes',
      auto_start: true,
      track_deletes: false,
      fileBody: { js, ts },
      models_json_schema: issueSchema,
    },
  ],
  reconcile: true,
  debug: false,
  deployMode: 'all',
  nangoYamlBody: '',
  source: 'repo',
};
const plan: DeploymentPlan = {
  newSyncs: [{ name: 'issues', providerConfigKey: 'github', auto_start: true, connections: 12 }],
  updatedSyncs: [],
  deletedSyncs: [],
  newActions: [],
  updatedActions: [],
  deletedActions: [],
  newOnEventScripts: [],
  updatedOnEventScripts: [],
  deletedOnEventScripts: [],
  deletedModels: [],
  unchanged: [],
};

const id = '0192c7a4-6b1e-7d52-8f30-4a5b6c7d8e9f';
const started = { id, status: 'waiting', created_at: moment } as const;
const job: Job = {
  id,
  status: 'success',
  integration_id: 'github',
  function_type: 'action',
  created_at: moment,
  updated_at: '2026-08-01T10:00:02.000Z',
  started_at: moment,
  completed_at: '2026-08-01T10:00:02.000Z',
  duration_ms: 2000,
};

const bundle = {
  reconciliationScope: { kind: 'integration', integrationId: 'github' },
  functions: [
    {
      name: 'create-issue',
      integrationId: 'github',
      description: 'Opens an issue.',
      trigger: { kind: 'none' },
      requires: { connection: true, outbound: true },
      capabilities: { usesRecords: false, usesOutbound: true, usesCheckpoints: false, usesMetadata: false, usesInvoke: false },
      limits: {},
      input_schema_ref: '#/definitions/Issue',
      output_schema_ref: null,
      model_schema_refs: [],
      metadata_schema_ref: null,
      checkpoint_schema_ref: null,
      json_schema: issueSchema,
      fileBody: { js, ts },
    },
  ],
} satisfies Examples<'bundles'>['bundles']['deploy']['body'];
const bundlePlan: BundlePlan = { created: [{ integrationId: 'github', name: 'create-issue' }], updated: [], unchanged: [], deleted: [] };

export const examplesOfFunctions: Examples<'functions' | 'deploy' | 'deployments' | 'bundles' | 'dryRuns'> = {
  functions: {
    compile: { body: { code: ts }, answer: { bundle_size_bytes: 4096, bundled_js: js, compiled_at: moment } },
    get: { answer: { data: syncFunction } },
    remove: { answer: { data: { success: true } } },
    scripts: { answer: [scripts] },
  },
  deploy: {
    confirm: { body: confirmation, answer: plan },
    deploy: {
      body: { ...confirmation, nangoYamlBody },
      answer: [{ name: 'issues', version: '1', providerConfigKey: 'github', type: 'sync', models: ['Issue'], change: 'created' }],
    },
    internal: {},
    telemetry: { body: { deviceId: '5b0c9e1d-4f63-4a52-8c1b-7d3f0a526c1b', event: 'deploy' } },
  },
  deployments: {
    templates: {
      answer: {
        data: [
          {
            name: 'issues',
            type: 'sync',
            description: 'Keeps the issues of all repositories.',
            returns: ['Issue'],
            json_schema: issueSchema,
            runs: 'every 5 minutes',
            auto_start: true,
            track_deletes: false,
          },
        ],
      },
    },
    start: {
      body: { type: 'function', integration_id: 'github', function_name: 'create-issue', function_type: 'action', code: ts },
      answer: started,
    },
    get: {
      answer: { ...job, function_name: 'create-issue', deployed: true, deployed_functions: [{ name: 'create-issue', version: '1' }] },
    },
    result: {},
  },
  bundles: { deploy: { body: bundle, answer: bundlePlan }, preview: { body: bundle, answer: bundlePlan } },
  dryRuns: {
    start: {
      body: {
        integration_id: 'github',
        function_type: 'action',
        code: ts,
        connection_id: 'user-1',
        input: { title: 'The door does not close' },
      },
      answer: started,
    },
    get: { answer: { ...job, output: 'Opened issue 1042', result: { id: '1042' } } },
    result: {},
  },
};
