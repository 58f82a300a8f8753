/** Code samples must run when pasted, whatever the values hold. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { samplesOf } from '../src/samples.ts';

test('a shell passes every part of the curl sample on unchanged', () => {
  const { curl = '' } = samplesOf(
    { apiUrl: 'http://localhost:3003', key: 'key' },
    { method: 'POST', path: '/connect/sessions', body: { end_user: { id: "o'brien; $HOME `id`" } } },
  );
  const print = curl.replace(/^curl /, `printf '%s\\n' `);
  const words = execFileSync('sh', ['-c', print], { encoding: 'utf8' }).trimEnd().split('\n');
  expect(words).toEqual([
    '-X',
    'POST',
    'http://localhost:3003/connect/sessions',
    '-H',
    'Authorization: Bearer key',
    '-H',
    'Content-Type: application/json',
    '-d',
    JSON.stringify({ end_user: { id: "o'brien; $HOME `id`" } }),
  ]);
});

test('a quote in a connection id cannot break out of the Node sample', () => {
  const { Node: node = '' } = samplesOf(
    { apiUrl: 'http://localhost:3003', key: 'key' },
    { method: 'GET', path: '/records?model=Issue', headers: { 'Connection-Id': "it's" } },
  );
  const body = node.replace('await fetch', 'seen').replace(/\nconsole.*$/, '');
  const options = new Function(`let got; const seen = (_, options) => { got = options; }; ${body}; return got;`)() as { headers: object };
  expect(options.headers).toEqual({ Authorization: 'Bearer key', 'Connection-Id': "it's" });
});
