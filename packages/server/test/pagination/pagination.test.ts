/** `nango.paginate` from end to end: a deployed function in its sandbox, the proxy, and an API whose answers and requests are the transcripts. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { deploy } from '../functions.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { type Received, startUpstream, type Upstream } from '../upstream.ts';
import { defaults, type Transcript, transcripts } from './transcripts.ts';

let upstream: Upstream;
let platform: Platform;
let answers: NonNullable<Transcript['answers']> = [];
let received: Received[] = [];

const PAGES = `
const { call, breakAfter } = input;
const pages = [], told = [];
const on_page = ({ nextPageParam, response }) => {
  if (response.status !== 200) throw new Error('on_page was told of another answer');
  told.push(pages.length + ': ' + (nextPageParam === undefined ? 'none' : JSON.stringify(nextPageParam)));
};
const config = { endpoint: '/users', ...call, ...(call.paginate ? { paginate: { ...call.paginate, on_page } } : {}) };
const before = JSON.stringify(config);
try {
  for await (const page of nango.paginate(config)) {
    pages.push(page === undefined ? 'missing' : page);
    if (pages.length === breakAfter) break;
  }
} catch (error) {
  return { pages, told, fails: error.message };
}
if (JSON.stringify(config) !== before) throw new Error('the configuration of the caller was changed');
return { pages, told };`;

beforeAll(async () => {
  upstream = await startUpstream();
  for (const path of ['/users', '/more', '/search']) {
    upstream.on(path, (request, response) => {
      const { body, link, status = 200 } = answers[received.push(request) - 1] ?? { status: 500, body: 'one request too many' };
      response.writeHead(status, { 'content-type': 'application/json', ...(link ? { link: placed(link) } : {}) });
      response.end(placed(JSON.stringify(body)));
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'bowline-paged-'));
  for (const [name, paginate] of Object.entries(defaults)) {
    const definition = {
      display_name: `Paged ${name}`,
      categories: ['other'],
      auth_mode: 'API_KEY',
      credentials: { apiKey: { type: 'string', title: 'API key', description: 'Any.', secret: true } },
      proxy: { base_url: upstream.url, headers: { 'x-key': `$\{apiKey}` }, ...(paginate ? { paginate } : {}) },
      docs: 'https://example.com',
    };
    writeFileSync(join(folder, `paged-${name}.yaml`), JSON.stringify(definition)); // JSON is YAML
  }
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers: [folder] });
  for (const name of Object.keys(defaults)) {
    const unique_key = `paged-${name}`;
    const credentials = { type: 'API_KEY', apiKey: 'k' };
    expect(await platform.call('POST', '/integrations', { provider: unique_key, unique_key })).toMatchObject({ status: 200 });
    const made = await platform.call('POST', '/connections', { provider_config_key: unique_key, connection_id: 'c', credentials });
    expect(made).toMatchObject({ status: 201 });
    await deploy(platform, [{ type: 'action', name: 'pages', integration: unique_key, exec: PAGES }]);
  }
});

const placed = (text: string) => text.replaceAll('{api}', upstream.url);
const shown = ({ method, url, body }: Received) => `${method} ${url}${body.length > 0 ? ` ${body.toString()}` : ''}`;

describe.each(Object.entries(transcripts))('paging %s', (_how, all) => {
  test.each(all.map((one) => [one.what, one] as const))('%s', async (_what, transcript) => {
    const { provider = 'none', call, breakAfter, pages, told, fails } = transcript;
    answers = transcript.answers ?? [];
    received = [];
    const of = { 'connection-id': 'c', 'provider-config-key': `paged-${provider}` };
    const answer = await platform.call('POST', '/action/trigger', { action_name: 'pages', input: { call, breakAfter } }, of);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(received.map(shown)).toEqual(transcript.requests);
    const expected = { pages, told: told.map(placed), ...(fails === undefined ? {} : { fails: expect.stringContaining(fails) }) };
    expect(answer.body).toEqual(expected);
  });
});
