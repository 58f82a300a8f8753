/** What people read when connecting fails, in every language, and which of the words belong to which error. */
import { ApiError } from '@bowline/api/client';
import { problems } from '@bowline/api/problems';
import { AuthError } from '@bowline/browser';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../src/failure.ts';
import { chooseLanguage, loadWords } from '../src/words/words.ts';

const languages = ['en', 'de', 'es', 'fr', 'ja'];
const ofPackage = [
  'blocked_by_browser',
  'window_closed',
  'access_denied',
  'network_error',
  'token_err',
  'callback_err',
  'state_err',
  'unknown_err',
  'unknown_error',
];
const errors = [
  ...ofPackage.map((type) => new AuthError('words of the server', type)),
  ...Object.keys(problems).map((code) => new AuthError('words of the server', code)),
  new ApiError(400, { code: 'invalid_body', message: 'words of the server' }),
  new TypeError('Failed to fetch'),
  new Error('unforeseen'),
];

describe.each(languages)('%s', (lang) => {
  test('says of every error what happened and what to do', async () => {
    const words = await loadWords(lang);
    for (const error of errors) {
      const { kind } = failureOf(error);
      const said = kind === 'expired' ? { title: words.title.expired, advice: words.about.expired } : words.failure[kind];
      expect(said.title).toMatch(/\S/);
      expect(said.advice).toMatch(/\S/);
    }
  });

  test('leaves no text empty', async () => {
    const texts = (value: unknown): string[] =>
      typeof value === 'object' ? Object.values(Object(value)).flatMap(texts) : [typeof value === 'function' ? value('{}') : String(value)];
    for (const text of texts(await loadWords(lang))) expect(text.trim()).not.toBe('');
  });
});

test('an end user reads no word that only who runs the integrations knows', async () => {
  const { failure } = await loadWords('en');
  for (const { title, advice } of Object.values(failure)) {
    expect(`${title} ${advice}`).not.toMatch(
      /integration|provider|credential|client id|scope|callback|token|server|session|connection no longer/i,
    );
  }
});

test.each([
  [new AuthError('', 'blocked_by_browser'), 'blocked'],
  [new AuthError('', 'window_closed'), 'closed'],
  [new AuthError('The user denied it', 'callback_err'), 'denied'],
  [new AuthError('', 'connection_test_failed'), 'rejected'],
  [new AuthError('', 'connection_validation_failed'), 'notValid'],
  [new AuthError('', 'unknown_connect_session_token'), 'expired'],
  [new AuthError('', 'provider_config_err'), 'misconfigured'],
  [new AuthError('', 'token_err'), 'misconfigured'],
  [new AuthError('', 'state_err'), 'tooLate'],
  [new AuthError('', 'resource_capped'), 'capped'],
  [new AuthError('', 'network_error'), 'offline'],
  [new AuthError('', 'different_account'), 'otherAccount'],
  [new AuthError('', 'provider_unavailable'), 'down'],
  [new AuthError('', 'of tomorrow'), 'unknown'],
])('%s is sorted by what the person can do', (error, kind) => {
  expect(failureOf(error).kind).toBe(kind);
});

test.each([
  ['de-CH', ['en'], 'de'],
  [undefined, ['pt-BR', 'ja-JP'], 'ja'],
  ['tlh', ['xx'], 'en'],
  ['constructor', [], 'en'],
] as const)('asked for %s by a browser of %s, it speaks %s', (asked, browser, lang) => {
  expect(chooseLanguage(asked, browser)).toBe(lang);
});
