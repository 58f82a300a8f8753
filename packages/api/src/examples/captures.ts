/** Examples of what is kept of runs. */
import type { Capture, CaptureSettings } from '../captures.ts';
import type { Examples } from './example.ts';
import { moment } from './integrations.ts';

const capture: Capture = {
  id: '31',
  run_id: '4711',
  operation_id: '01900000-0000-7000-8000-000000000001',
  kind: 'sync',
  integration: 'github',
  connection: 'user-1',
  function: 'issues',
  version: '3',
  code_hash: '9f2c41d07be3a5f19f2c41d07be3a5f19f2c41d07be3a5f19f2c41d07be3a5f1',
  state: 'whole',
  calls: 3,
  bytes: 2_214,
  began_at: moment,
  ended_at: moment,
  expires_at: moment,
};
const settings: CaptureSettings = {
  keep_days: 7,
  rules: [
    { integration: null, function: null, mode: 'failures', one_in: 100 },
    { integration: 'github', function: 'issues', mode: 'sample', one_in: 50 },
  ],
};
const page = { bytes: 25, text: '[{"id":1,"title":"Hello"}]', encoding: 'utf8' } as const;

export const examplesOfCaptures: Examples<'captures'> = {
  captures: {
    list: { answer: { data: [capture], next_cursor: null } },
    get: {
      answer: {
        data: capture,
        entries: [
          {
            entry: 'start',
            now: moment,
            run: { kind: 'sync', name: 'issues', variant: 'base', models: ['Issue'] },
            checkpoint: null,
            connection: { connection_id: 'user-1', credentials: { type: 'API_KEY', apiKey: 'redacted_apikey_1' } },
            integration: { unique_key: 'github', provider: 'github' },
            attributes: {},
          },
          {
            entry: 'call',
            n: 1,
            at: 3,
            ms: 120,
            method: 'proxy',
            params: { method: 'GET', endpoint: '/issues', headers: {}, retries: 0 },
            body: null,
            answer: { value: { status: 200, statusText: '', headers: { 'content-type': 'application/json' } }, body: page },
            failure: null,
            cut: false,
          },
          { entry: 'end', at: 140, error: null, output: null, left_out: 0 },
        ],
        next_part: null,
      },
    },
    code: { answer: { js: "exports.default = require('bowline').createSync({ … })", hash: capture.code_hash } },
    delete: { answer: { success: true } },
    settings: { answer: { data: settings } },
    updateSettings: { body: settings, answer: { data: settings } },
  },
};
