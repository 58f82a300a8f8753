/**
 * Captures: what a run of a function asked and what it was answered, kept so that the same code can be executed again without the provider.
 * Secrets were replaced before anything was stored.
 */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey } from './fields.ts';
import { logLevels, runErrorTypes } from './protocol.ts';
import { defineRoute } from './route.ts';

export const captureModes = ['off', 'failures', 'sample', 'all'] as const;
export type CaptureMode = (typeof captureModes)[number];

export const CaptureRule = z
  .strictObject({
    integration: ProviderConfigKey.nullable().meta({ description: 'Only runs of this integration; null: of all.', examples: ['github'] }),
    function: Name.nullable().meta({ description: 'Only runs of functions of this name; null: of all.', examples: ['issues'] }),
    mode: z
      .enum(captureModes)
      .describe('`off`: no runs. `failures`: those that fail. `sample`: one in `one_in`, whatever becomes of it. `all`: every run.'),
    one_in: z.number().int().min(1).max(1_000_000).default(100).describe('With `sample`: one run in so many, 1 to 1,000,000. Default 100.'),
  })
  .describe('Which runs are captured.');
export type CaptureRule = z.output<typeof CaptureRule>;

export const CaptureSettings = z.strictObject({
  keep_days: z.number().int().min(1).max(30).default(7).describe('How long a capture is kept, in days, 1 to 30. Default 7.'),
  rules: z
    .array(CaptureRule)
    .max(100)
    .describe(
      'Of the rules that fit a run the one that names most counts: function, then integration, then none. Without any nothing is captured.',
    ),
});
export type CaptureSettings = z.output<typeof CaptureSettings>;

export const Capture = z
  .object({
    id: z.string().describe('Names the capture.'),
    run_id: z.string().describe('The number of the run. A run that went on after its process was killed has a capture of each part.'),
    operation_id: z.string().describe('The entry of the run in the activity log.'),
    kind: z.enum(['sync', 'action', 'on-event']).describe('What kind of function ran.'),
    integration: z.string().describe('The unique key of the integration.'),
    connection: z.string().describe('The id of the connection.'),
    function: z.string().describe('The name of the function.'),
    version: z.string().describe('The label of the version that ran.'),
    code_hash: z.string().describe('The content of its code, as a hash in hexadecimal.'),
    state: z
      .enum(['running', 'whole', 'cut'])
      .describe(
        '`whole`: nothing is missing. `cut`: it was larger than a capture may be. `running`: the run goes on, or its process was killed.',
      ),
    calls: z.number().describe('What the function asked of the platform, so far.'),
    bytes: z.number().describe('What it takes in the database, in bytes.'),
    began_at: z.string().describe('When the function was called.'),
    ended_at: z.string().nullable().describe('When it returned; null while it runs, and when nobody saw it return.'),
    expires_at: z.string().describe('When it is removed.'),
  })
  .describe('What is kept of one run.');
export type Capture = z.infer<typeof Capture>;

const CapturedBody = z
  .object({
    bytes: z.number().describe('How many bytes there were.'),
    text: z.string().nullable().describe('The content; null when it was cut or left out.'),
    encoding: z.enum(['utf8', 'base64']).describe('How `text` is to be read.'),
  })
  .describe('A body. It is whole or not there: a part of one could neither be played nor be searched for secrets.');
export type CapturedBody = z.infer<typeof CapturedBody>;

const At = z.number().describe('Milliseconds since the function was called.');

/** What happened, in order. The first is always `start`; a run that was watched to its end closes with `end`. */
export const CaptureEntry = z.discriminatedUnion('entry', [
  z
    .object({
      entry: z.literal('start').describe('The first.'),
      now: z.string().describe('The time when the function was called.'),
      run: JsonObject.describe('What it was called with: kind, name, input, variant, last sync date and what else it can read of itself.'),
      checkpoint: JsonObject.nullable().describe('The checkpoint it found.'),
      connection: JsonObject.describe('The connection, with stand-ins for its credentials.'),
      integration: JsonObject.describe('The integration, without its secrets.'),
      attributes: JsonObject.describe('What the function declared as its attributes.'),
    })
    .describe('How the run began.'),
  z
    .object({
      entry: z.literal('call').describe('A question.'),
      n: z.number().describe('The how-manieth question of the run, from 1. Answers may have come in another order.'),
      at: At,
      ms: z.number().describe('How long it took, in milliseconds.'),
      method: z.string().describe('What was asked, such as `proxy`, `fetch` or `records.save`.'),
      params: JsonObject.describe('With what.'),
      body: CapturedBody.nullable().describe('What was sent; null for nothing.'),
      answer: z
        .object({ value: z.unknown().describe('The value.'), body: CapturedBody.nullable().describe('The body; null for none.') })
        .nullable()
        .describe('What came; null when it failed.'),
      failure: JsonObject.nullable().describe('How it failed; null when it did not.'),
      cut: z.boolean().describe('Whether a body is missing because it, or the capture, was too large.'),
    })
    .describe('A question of the function, and its answer.'),
  z
    .object({
      entry: z.literal('log').describe('A line.'),
      at: At,
      level: z.enum(logLevels).describe('Its level.'),
      message: z.string().describe('The text.'),
    })
    .describe('A line that the function logged.'),
  z
    .object({
      entry: z.literal('end').describe('The last.'),
      at: At,
      error: z
        .looseObject({ type: z.enum(runErrorTypes).describe('What kind of failure.'), message: z.string().describe('The message.') })
        .nullable()
        .describe('How it failed; null when it did not.'),
      output: z.unknown().describe('What an action returned.'),
      left_out: z.number().describe('How many calls and lines are missing, since the capture was full.'),
    })
    .describe('How the run ended.'),
]);
export type CaptureEntry = z.infer<typeof CaptureEntry>;
export type CapturedCall = Extract<CaptureEntry, { entry: 'call' }>;

const CaptureId = z
  .string()
  .regex(/^\d{1,18}$/, 'Must be the id of a capture')
  .describe('The id of the capture.');
const reading = { caller: 'apiKey', scope: ['environment:captures:read'] } as const;
const writing = { caller: 'apiKey', scope: ['environment:captures:write'] } as const;

export const captures = {
  list: defineRoute({
    ...reading,
    method: 'GET',
    path: '/captures',
    summary: 'List the captures of runs, newest first',
    query: z.strictObject({
      run: z.string().min(1).max(64).optional().describe('Only of this run: its number, or the id of its operation in the activity log.'),
      limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many at most, 1 to 100. Default 20.'),
      cursor: z.string().max(32).optional().describe('Go on here: `next_cursor` of a page.'),
    }),
    answer: z.object({
      data: z.array(Capture).describe('Newest first.'),
      next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null at the end.'),
    }),
    problems: ['invalid_cursor'],
  }),
  get: defineRoute({
    ...reading,
    method: 'GET',
    path: '/captures/:id',
    summary: 'Read a capture, a part at a time',
    description:
      'A part holds what happened within a second or so. Credentials, cookies and what looks like a token are stand-ins such as `redacted_api_key_1`, the same wherever the same secret stood.',
    params: z.strictObject({ id: CaptureId }),
    query: z.strictObject({
      part: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('Which part, from 0. Default 0.'),
    }),
    answer: z.object({
      data: Capture,
      entries: z.array(CaptureEntry).describe('What happened, in order.'),
      next_part: z.number().nullable().describe('Send it as `part` to read on; null at the end of what is kept so far.'),
    }),
    problems: ['not_found'],
  }),
  code: defineRoute({
    ...reading,
    method: 'GET',
    path: '/captures/:id/code',
    summary: 'The bundled code that the captured run executed',
    params: z.strictObject({ id: CaptureId }),
    query: Nothing,
    answer: z.object({ js: z.string().describe('CommonJS.'), hash: z.string().describe('The content as a hash, in hexadecimal.') }),
    problems: ['not_found'],
  }),
  delete: defineRoute({
    ...writing,
    method: 'DELETE',
    path: '/captures/:id',
    summary: 'Remove a capture at once',
    params: z.strictObject({ id: CaptureId }),
    query: Nothing,
    answer: z.object({ success: z.boolean().describe('Always true.') }),
    problems: ['not_found'],
  }),
  settings: defineRoute({
    ...reading,
    method: 'GET',
    path: '/capture-settings',
    summary: 'Which runs of the environment are captured',
    query: Nothing,
    answer: z.object({ data: CaptureSettings.describe('The settings.') }),
    problems: [],
  }),
  updateSettings: defineRoute({
    ...writing,
    method: 'PUT',
    path: '/capture-settings',
    summary: 'Replace which runs of the environment are captured',
    description:
      'It counts for runs that begin after this, on every process within five seconds. Captures that are there stay until they expire.',
    query: Nothing,
    body: CaptureSettings,
    answer: z.object({ data: CaptureSettings.describe('The settings as they are now.') }),
    problems: [],
  }),
};
