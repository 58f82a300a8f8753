/** `bowline dev --run`: the function that is worked on, run again after each cycle, with what it changed. */

import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@bowline/api/client';
import type { SyncStatus } from '@bowline/api/syncs';
import { callAction } from '../commands/trigger.ts';
import type { Compiled } from '../compile/compiled.ts';
import { exitCodes, Failure } from '../failure.ts';
import { ask, type Remote } from '../remote/server.ts';
import { plain } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';

export type RunOptions = { readonly name: string; readonly connection: string | undefined; readonly input: unknown };
type Names = { readonly integration: string; readonly connection: string; readonly name: string };

/** A new sync gets its schedule by a job, moments after the deployment. */
const scheduledMsMax = 15_000;
const pollMs = 150;
const shownMax = 5;

/** @throws Failure for a function or a connection that is not there, and for an action that fails */
export const runAgain = async (
  remote: Remote,
  compiled: readonly Compiled[],
  { name, connection, input }: RunOptions,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<void> => {
  const chosen = find(compiled, name);
  const { integration } = chosen.definition.entry;
  const names = { integration, connection: connection ?? (await onlyConnection(remote, integration)), name: chosen.definition.entry.name };
  const started = performance.now();
  const label = `${integration}/${names.name} for ${plain(names.connection)}`;
  const took = (): string => terminal.colours.dim(`${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (chosen.definition.kind === 'action') {
    const output = await callAction(remote, names, { value: input });
    terminal.print(`▶ ${label}  ${terminal.colours.green('success')}  ${took()}\n${JSON.stringify(output ?? null, null, 2)}`);
    terminal.line({ type: 'run', ...names, ok: true, output });
    return;
  }
  const since = new Date().toISOString();
  const status = await runSync(remote, names, signal);
  if (!status) return;
  const ok = status.latestExecutionStatus === 'SUCCESS';
  const counts = Object.entries(status.latestResult ?? {}).map(
    ([model, { added, updated, deleted }]) => `${model} +${added} ~${updated} -${deleted}`,
  );
  const outcome = ok ? terminal.colours.green('success') : terminal.colours.red('failed');
  terminal.print(`▶ ${[label, outcome, ...counts, took()].join('  ')}`);
  terminal.line({ type: 'run', ...names, ok, status });
  if (!ok)
    terminal.print(
      `  Why: ${remote.target.host}/${encodeURIComponent(remote.target.environment)}/activity?integration=${encodeURIComponent(integration)}`,
    );
  if (ok) for (const model of Object.keys(status.latestResult ?? {})) await showChanged(remote, names, { model, since }, terminal);
};

const find = (compiled: readonly Compiled[], name: string): Compiled => {
  const runnable = compiled.filter(({ definition }) => definition.kind !== 'onEvent');
  const found = runnable.filter(({ definition: { entry } }) => name === entry.name || name === `${entry.integration}/${entry.name}`);
  const [first, second] = found;
  if (first && !second) return first;
  const listed = (found.length > 0 ? found : runnable).map(({ definition: { entry } }) => `${entry.integration}/${entry.name}`);
  const why = second ? `Several functions are called ${name}; say which one` : `The project has no sync or action ${name}; it has`;
  throw new Failure(exitCodes.usage, `${why}: ${listed.join(', ')}.`);
};

const onlyConnection = async (remote: Remote, integration: string): Promise<string> => {
  const { connections } = await ask(remote, (api) => api.connections.list({ query: { integrationId: integration, limit: 20 } }));
  const [first, second] = connections;
  if (first && !second) return first.connection_id;
  if (second)
    throw new Failure(
      exitCodes.usage,
      `${integration} has several connections. Choose one with --connection: ${connections.map(({ connection_id }) => connection_id).join(', ')}.`,
    );
  throw new Failure(exitCodes.usage, `${integration} has no connection to run for. Make one: ${connectPage(remote.target, integration)}`);
};

/** Where the dashboard makes connections. */
export const connectPage = ({ host, environment }: Remote['target'], integration: string): string =>
  `${host}/${encodeURIComponent(environment)}/connections?integration=${encodeURIComponent(integration)}`;

/** @returns nothing when the command is told to stop meanwhile */
const runSync = async (remote: Remote, names: Names, signal: AbortSignal): Promise<SyncStatus | undefined> => {
  for (const end = performance.now() + scheduledMsMax; !signal.aborted; ) {
    const before = (await statusOf(remote, names))?.finishedAt;
    const outcome = await trigger(remote, names, performance.now() < end);
    if (outcome === undefined) {
      await sleep(pollMs);
      continue;
    }
    const done = await ended(remote, names, before, signal);
    // A run that was under way has the code of before.
    if (outcome === 'started') return done;
  }
  return undefined;
};

/** @returns nothing while the sync is not there yet */
const trigger = async (remote: Remote, { name, integration, connection }: Names, mayLack: boolean): Promise<string | undefined> => {
  const body = { syncs: [name], provider_config_key: integration, connection_id: connection, opts: {} };
  try {
    return (await remote.api.syncs.trigger({ query: {}, headers: {}, body })).syncs[0]?.outcome;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'no_syncs_found' && mayLack) return undefined;
    return ask(remote, () => Promise.reject(error));
  }
};

const statusOf = async (remote: Remote, { name, integration, connection }: Names): Promise<SyncStatus | undefined> => {
  const query = { syncs: name, provider_config_key: integration, connection_id: connection };
  const { syncs } = await ask(remote, (api) => api.syncs.status({ query }));
  return syncs.find(({ variant }) => variant === 'base');
};

const ended = async (remote: Remote, names: Names, before: string | undefined, signal: AbortSignal): Promise<SyncStatus | undefined> => {
  for (; !signal.aborted; await sleep(pollMs)) {
    const status = await statusOf(remote, names);
    if (status && status.status !== 'RUNNING' && status.finishedAt !== undefined && status.finishedAt !== before) return status;
  }
  return undefined;
};

const showChanged = async (
  remote: Remote,
  names: Names,
  { model, since }: { model: string; since: string },
  terminal: Terminal,
): Promise<void> => {
  const { records, next_cursor } = await ask(remote, (api) =>
    api.records.list({
      query: { model, modified_after: since, limit: shownMax },
      headers: { 'connection-id': names.connection, 'provider-config-key': names.integration },
    }),
  );
  for (const { _nango_metadata: known, ...fields } of records)
    terminal.print(terminal.colours.dim(`  ${known.last_action.padEnd(7)}  ${plain(JSON.stringify(fields)).slice(0, 200)}`));
  if (next_cursor)
    terminal.print(terminal.colours.dim(`  … all of them: bowline records ${names.integration} ${plain(names.connection)} ${model}`));
};
