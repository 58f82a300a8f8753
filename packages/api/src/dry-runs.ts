/** Dry runs: a function from source text, run for a connection without anything being stored. Its requests to the provider are really made. */
import * as z from 'zod';
import { checkpointShape } from './calls.ts';
import { IntegrationOfJob, Job, JobStarted } from './deployments.ts';
import { ConnectionId, JsonObject, Nothing } from './fields.ts';
import { SourceText } from './functions.ts';
import { defineRoute } from './route.ts';

export const DryRun = z.strictObject({
  integration_id: IntegrationOfJob,
  function_type: z.enum(['action', 'sync']).describe('What the source must be.'),
  code: SourceText.describe('The source, in TypeScript: one file, at most 100,000 characters.'),
  connection_id: ConnectionId.describe('The connection to run it for.'),
  input: z.unknown().optional().describe('Actions: what the function gets, any JSON. Left out it is null.'),
  metadata: JsonObject.optional().describe('What the function sees instead of the metadata of the connection.'),
  checkpoint: checkpointShape
    .optional()
    .describe('Where an earlier run would have left off: at most 16 fields, each a text, a number or a boolean.'),
  last_sync_date: z.iso.datetime().optional().describe('Syncs: when an earlier run would have begun, ISO 8601 with `Z`.'),
});
export type DryRun = z.output<typeof DryRun>;

const ById = z.strictObject({ id: z.uuid().describe('The id that the dry run was answered with.') });
const shared = { caller: 'apiKey', scope: ['environment:functions:dryrun'], query: Nothing } as const;

export const dryRuns = {
  start: defineRoute({
    ...shared,
    method: 'POST',
    path: '/functions/dryruns',
    summary: 'Try a function out: nothing is stored, but its requests to the provider are really made',
    description:
      'It runs in the background, for at most 5 minutes after it is compiled; ask `GET /functions/dryruns/:id` how it goes. It is tried once, for a second try could do something twice at the provider.',
    body: DryRun,
    answer: JobStarted,
    status: 202,
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: { unknown_provider_config: { code: 'integration_not_found' }, unknown_connection: { code: 'connection_not_found' } },
  }),
  get: defineRoute({
    ...shared,
    method: 'GET',
    path: '/functions/dryruns/:id',
    summary: 'How far a dry run is, its log, and what the function returned or would have stored',
    params: ById,
    answer: Job,
    problems: ['dryrun_not_found'],
  }),
  result: defineRoute({
    method: 'POST',
    path: '/functions/dryruns/:id/result',
    summary: 'Kept for remote sandboxes of the reference system: ours are local and report here to nobody, so it answers 403',
    caller: 'apiKey',
    params: ById,
    query: Nothing,
    answer: z.never(),
    problems: ['forbidden'],
  }),
};
