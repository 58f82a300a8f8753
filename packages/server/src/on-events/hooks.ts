/** What connections ask of functions while somebody waits: whether a new one is good, and a last run before one ends. */
import type { ConnectionHooks, Verdict } from '../connections/hooks.ts';
import type { RunWorld } from '../runs/context.ts';
import { nextRunId } from '../runs/run.ts';
import { rememberCandidate } from './candidate.ts';
import { functionsFor, messageOf, openOnEvent, runOnEvent } from './run.ts';

type Validate = ConnectionHooks['validate'];
type BeforeDelete = ConnectionHooks['beforeDelete'];

/** One after the other, by name; the first that throws settles it. Without functions the candidate is not even made. */
export async function validate(world: RunWorld, ...[scope, make, integrationId]: Parameters<Validate>): Promise<Verdict> {
  const functions = await functionsFor(world, scope, { integrationId, event: 'validate-connection' });
  if (functions.length === 0) return { ok: true, metadata: undefined };
  const candidate = await make();
  const remembering = rememberCandidate(candidate);
  for (const fn of functions) {
    const { connection, integration } = candidate;
    const outcome = await runOnEvent(world, scope, {
      connection: { ...connection, metadata: remembering.metadata() },
      integration,
      fn,
      operation: openOnEvent(world, scope, { ...candidate, fn }),
      runId: await nextRunId(world.db),
      timeoutMs: world.config.functionWaitSeconds * 1000,
      // Whoever waits and goes away does not stop it: the provider may have consumed the person's consent already.
      signal: new AbortController().signal,
      instead: remembering.calls,
    });
    if (!outcome.ok) return { ok: false, message: messageOf(outcome.error) };
  }
  return { ok: true, metadata: remembering.metadata() };
}

/** Each has its turn, whatever the one before did. */
export async function beforeDelete(world: RunWorld, ...[scope, target]: Parameters<BeforeDelete>): Promise<void> {
  const { integration } = target;
  for (const fn of await functionsFor(world, scope, { integrationId: integration.id, event: 'pre-connection-deletion' })) {
    const operation = openOnEvent(world, scope, { ...target, fn });
    try {
      await runOnEvent(world, scope, {
        ...target,
        fn,
        operation,
        runId: await nextRunId(world.db),
        timeoutMs: world.config.functionWaitSeconds * 1000,
        signal: new AbortController().signal,
      });
    } catch (error) {
      world.log.error({ err: error, function: fn.id }, 'a function could not run before a connection was deleted');
      operation.end({ state: 'failed', error: 'Something went wrong on our side' });
    }
  }
}
