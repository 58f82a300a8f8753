/** Records a run: writes `<integration>/tests/<name>.test.json` without secrets, and plays it once to tell whether it holds. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Sandboxes } from '@bowline/sandbox/pool';
import type { Plan, Ran } from '../dryrun/execute.ts';
import { fixtureSchema } from '../fixture/fixture.ts';
import { play } from '../fixture/play.ts';
import { compare, type Difference } from '../fixture/verdict.ts';
import { buildFixture } from './build.ts';
import { draftOf } from './draft.ts';
import { redact } from './redact.ts';

export type Saved = {
  file: string;
  bytes: number;
  /** It was there before. */
  rewrote: boolean;
  redacted: number;
  warnings: string[];
  /** Empty: it holds. */
  differences: Difference[];
};
type Where = { root: string; file: string };

/** Beyond this a recording is a burden for whoever reviews it. */
const bytesMax = 1_000_000;

export async function saveRun(plan: Plan, ran: Ran, { root, file }: Where, sandboxes: Sandboxes): Promise<Saved> {
  const { draft, replaced, secrets } = redact(draftOf(plan, ran), await credentialsOf(plan));
  const text = `${JSON.stringify(buildFixture(draft), null, 2)}\n`;
  const path = join(root, file);
  const rewrote = existsSync(path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  // As `bowline test` reads it.
  const fixture = fixtureSchema.parse(JSON.parse(text));
  const played = await play({ file, compiled: plan.compiled, fixture }, sandboxes, 0);
  const differences = compare(fixture, played);
  const bytes = Buffer.byteLength(text);
  return { file, bytes, rewrote, redacted: replaced, differences, warnings: warningsOf(plan, ran, { bytes, secrets, differences }) };
}

/** So that they are found should an answer hold them. A key that may not read them gets none, and then only names and forms tell. */
async function credentialsOf({ server, connection }: Plan): Promise<unknown> {
  const input = { params: { connectionId: connection.connection_id }, query: { provider_config_key: connection.provider_config_key } };
  return server.api.connections.get(input).then(
    ({ credentials }) => credentials,
    () => undefined,
  );
}

type Outcome = { bytes: number; secrets: readonly string[]; differences: Difference[] };

function warningsOf({ compiled }: Plan, { found }: Ran, { bytes, secrets, differences }: Outcome): string[] {
  const { source, entry } = compiled.definition;
  const lost = found.exchanges.filter(({ sent }) => !sent);
  return [
    ...found.gaps,
    ...(lost.length > 0 ? [`${lost.length} of the requests had no answer; a recording can only hold answers.`] : []),
    ...(secrets.some((value) => value.length >= 8 && source.includes(value))
      ? [`${entry.file} holds a secret that was taken out of the recording. Read it from the connection or from an environment variable.`]
      : []),
    ...(bytes > bytesMax
      ? [
          `It has ${(bytes / 1e6).toFixed(1)} MB. Choose a connection with less data, or shorten lists in it by hand; \`bowline test --update\` then adapts what is expected.`,
        ]
      : []),
    ...(differences.length > 0 ? [adviceFor(compiled.js)] : []),
  ];
}

function adviceFor(js: string): string {
  const random = /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(|\bgetRandomValues\(/.exec(js)?.[0];
  const why = random
    ? `it calls ${random}), which gives another value each time`
    : 'something in it is another each time, or came from outside of the run';
  return `Played again, the function does something else: ${why}. Take such values from the input, from an answer or from the time, which a recording holds; or edit the recording.`;
}
