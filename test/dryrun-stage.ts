/** What the tests of dry runs stand on: a platform with a connection, a strict API that wants its key, and projects to run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from 'bowline/program';
import { onTestFinished } from 'vitest';
import { dropHome, makeHome, startPlatform } from './platform.ts';
import { json, startUpstream, writeProvider } from './upstream.ts';

/** Integration, provider and folder of the project. */
export const KEY = 'upstream';
export const CONNECTION = 'customer-1';
/** What the provider wants to see, and nobody else may. */
export const API_KEY = 'k3y-0f-the-c0nnection';
/** Handed out by the provider. */
export const SESSION = 'sess10n-t0ken-of-the-provider';

const items = [1, 2, 3, 4, 5].map((number) => ({ id: String(number), name: `Item ${number}` }));

export type Stage = Awaited<ReturnType<typeof openStage>>;

export async function openStage() {
  const place = await makeHome();
  let polled = 0;
  const upstream = await startUpstream((seen, response) => {
    if (seen.headers.authorization !== `Bearer ${API_KEY}`) return json(response, 401, { error: 'no key' });
    const page = Number(seen.query.get('page') ?? 1);
    if (seen.path === '/items')
      return json(response, 200, { items: items.slice((page - 1) * 2, page * 2), next: page < 3 ? page + 1 : null }, { 'x-total': '5' });
    if (seen.path === '/picture') return response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([0xff, 0xd8, 0x00]));
    if (seen.path === '/session') return json(response, 200, { session: { access_token: SESSION }, user: 'u1' });
    if (seen.path === '/mine') return json(response, seen.query.get('token') === SESSION ? 200 : 403, { mine: true });
    if (seen.path === '/job') return json(response, 200, { state: ++polled % 3 === 0 ? 'done' : 'pending' });
    if (seen.path === '/missing') return json(response, 404, { message: 'There is none' });
    return json(response, 201, { path: seen.path, body: seen.body, type: seen.headers['content-type'] });
  });
  const platform = await startPlatform({
    ...place,
    providers: [writeProvider(join(place.home, '..'), upstream.url)],
    allow: [upstream.host],
  });
  await platform.nango.createIntegration({ provider: KEY, unique_key: KEY });
  const made = await platform.fetch('/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      provider_config_key: KEY,
      connection_id: CONNECTION,
      credentials: { type: 'API_KEY', apiKey: API_KEY },
      metadata: { team: 'T1' },
    }),
  });
  if (!made.ok) throw new Error(`no connection: ${await made.text()}`);
  const close = async () => {
    await platform.stop();
    await upstream.stop();
    dropHome(place);
  };
  return { platform, upstream, close };
}

const head = (kind: string) => `import { ${kind} } from 'bowline';\nimport { z } from 'zod';\n`;
export const action = (body: string, more = 'input: z.any(), output: z.any(),') =>
  `${head('createAction')}export default createAction({ description: 'd', ${more} exec: async (nango, input) => {\n${body}\n} });\n`;
export const sync = (body: string, more = '') =>
  `${head('createSync')}const Item = z.object({ id: z.string(), name: z.string() });
export default createSync({ description: 'd', frequency: 'every hour', models: { Item }, ${more} exec: async (nango) => {\n${body}\n} });\n`;
export const onEvent = (body: string) =>
  `${head('createOnEvent')}export default createOnEvent({ description: 'd', event: 'post-connection-creation', exec: async (nango) => {\n${body}\n} });\n`;

/** Reads all pages, and remembers how far it came. */
export const pagedSync = sync(
  `const { seen = 0 } = (await nango.getCheckpoint()) ?? {};
  const { team } = await nango.getMetadata();
  await nango.log('reading for ' + team);
  const pages = nango.paginate({ endpoint: '/items', params: { team }, paginate: { type: 'cursor', cursor_name_in_request: 'page', cursor_path_in_response: 'next', response_path: 'items' } });
  let count = seen;
  for await (const page of pages) { await nango.batchSave(page, 'Item'); count += page.length; }
  await nango.saveCheckpoint({ seen: count });`,
  'metadata: z.object({ team: z.string() }), checkpoint: z.object({ seen: z.number() }),',
);

export function makeProject(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'bowline-dryrun-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

type Outside = { answers?: string[]; env?: Record<string, string> };

/** The command in this process. @param words without the name of the command for `dryrun` */
export async function bowline(platform: Stage['platform'] | undefined, root: string, words: string[], { answers, env }: Outside = {}) {
  let output = '';
  let errors = '';
  const questions: string[] = [];
  const left = [...(answers ?? [])];
  const exitCode = await run(words, {
    write: (text) => {
      output += text;
    },
    writeError: (text) => {
      errors += text;
    },
    env: env ?? (platform ? { BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey } : {}),
    cwd: root,
    isTty: false,
    ask: answers
      ? async (question) => {
          questions.push(question);
          return left.shift() ?? '';
        }
      : undefined,
  });
  return { exitCode, output, errors, questions, json: () => JSON.parse(output) };
}
