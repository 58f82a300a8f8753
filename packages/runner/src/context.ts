/**
 * The `nango` object an author's `exec` receives. Every method stands alone (no `this`), so it can be destructured;
 * syncs and webhook handlers have the record methods, actions and on-event functions do not.
 */
import type { RunSpec } from '@bowline/api/protocol';
import type * as z from 'zod';
import { createCheckpoint, createLocks } from './checkpoint.ts';
import { createConnection } from './connection.ts';
import { ActionError } from './errors.ts';
import { createFetch } from './fetch.ts';
import { createProxy, type ProxyConfig, verbs } from './http.ts';
import type { Log } from './log.ts';
import { paginate } from './paginate.ts';
import type { Port } from './port.ts';
import { createRecords, Writes } from './records.ts';
import { createTriggers } from './trigger.ts';

export function createContext(run: RunSpec, port: Port, log: Log): { nango: Record<string, unknown>; writes: Writes } {
  const writes = new Writes();
  const proxy = createProxy(port);
  const common = {
    ...properties(run),
    ActionError,
    proxy,
    ...verbs(proxy),
    paginate: (config: ProxyConfig) => paginate(proxy, config, run.paginate),
    uncontrolledFetch: createFetch(port),
    log: log.log,
    setLogger: log.setLogger,
    zodValidateInput: validateInput(log),
    ...createConnection(port, run),
    ...createTriggers(port),
    ...createCheckpoint(port, writes),
    ...createLocks(port),
  };
  if (run.kind === 'action' || run.kind === 'on-event') return { nango: common, writes };
  const sync = {
    ...(run.lastSyncDate === undefined ? {} : { lastSyncDate: new Date(run.lastSyncDate) }),
    variant: run.variant,
    getVariant: () => run.variant,
    track_deletes: false,
    emptyCache: false,
  };
  return { nango: { ...common, ...sync, ...createRecords(port, run, log, writes) }, writes };
}

function properties(run: RunSpec): Record<string, unknown> {
  const { connectionId, providerConfigKey, provider, environmentId, environmentName, accountId, nangoConnectionId } = run;
  const { activityLogId, syncId, syncJobId, isCLI } = run;
  const ids = { connectionId, providerConfigKey, provider, environmentId, environmentName, accountId, nangoConnectionId };
  return { ...ids, activityLogId, syncId, syncJobId, isCLI, scriptType: run.kind };
}

function validateInput(log: Log) {
  return async ({ zodSchema, input }: { zodSchema: z.ZodType; input: unknown }) => {
    const parsed = zodSchema.safeParse(input);
    if (parsed.success) return { success: true, data: parsed.data };
    for (const issue of parsed.error.issues) log.line('error', `Invalid input at '${issue.path.join('.')}': ${issue.message}`);
    throw new ActionError({ message: 'Invalid input provided' });
  };
}
