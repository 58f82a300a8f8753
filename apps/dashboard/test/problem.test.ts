/** What people read when connecting fails. */
import { ApiError } from '@bowline/api/client';
import { problems } from '@bowline/api/problems';
import { expect, test } from 'vitest';
import { ConnectProblem, explain } from '../src/connect/problem.ts';

const ofWindows = [
  'blocked_by_browser',
  'window_closed',
  'access_denied',
  'connection_validation_failed',
  'provider_config_err',
  'token_err',
  'callback_err',
  'state_err',
  'state_cookie_err',
  'url_param_err',
  'unknown_err',
];
const errors = [
  ...ofWindows.map((type) => new ConnectProblem(type, 'words of the server')),
  ...Object.keys(problems).map((code) => new ApiError(400, { code, message: 'words of the server' })),
  new TypeError('Failed to fetch'),
  new Error('unforeseen'),
];

test('an end user reads no word that only who runs the integrations knows', () => {
  for (const error of errors) {
    const { title, advice } = explain(error, 'endUser');
    expect(`${title} ${advice}`).not.toMatch(
      /integration|provider|credential|client id|scope|callback|token|server|session|connection no longer/i,
    );
  }
});

test('every audience is told what to do next', () => {
  for (const error of errors) {
    expect(explain(error, 'endUser').advice).not.toBe('');
    expect(explain(error, 'member').advice).not.toBe('');
  }
});

test('who runs the integrations is told what to check on them', () => {
  expect(explain(new ConnectProblem('token_err', '')).advice).toContain('client secret');
});
