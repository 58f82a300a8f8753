/** `bowline trigger`: calls an action and prints what it returned, or starts a sync; which of them it is, the deployed functions say. */
import { runProblems } from '@bowline/api/actions';
import type { ApiError } from '@bowline/api/client';
import type { TargetOptions } from '../deploy/target.ts';
import { readValues } from '../dryrun/values.ts';
import { exitCodes, Failure } from '../failure.ts';
import { functionsOf } from '../remote/functions.ts';
import { ask, openRemote, type Remote } from '../remote/server.ts';
import type { Terminal } from '../terminal.ts';

export const triggered = ['sync', 'action'] as const;
type Type = (typeof triggered)[number];
export type TriggerOptions = TargetOptions & { input?: string; type?: Type; reset?: boolean; emptyCache?: boolean; async?: boolean };
type Names = { integration: string; connection: string; name: string };

export const triggerCommand = async (root: string, names: Names, options: TriggerOptions, terminal: Terminal): Promise<void> => {
  const { input } = readValues({ input: options.input }, terminal.io.cwd);
  if (options.emptyCache && !options.reset) throw usage('--empty-cache removes the records first and so needs --reset, which begins anew.');
  const remote = openRemote(root, options, terminal);
  const type = options.type ?? (await typeOf(remote, names));
  const stray = strayFlags[type].filter((flag) => options[flag] !== undefined);
  if (stray.length > 0)
    throw usage(`${names.name} is ${type === 'sync' ? 'a sync' : 'an action'}: ${stray.map(flagOf).join(', ')} cannot be given.`);
  await (type === 'sync' ? startSync(remote, names, options, terminal) : showAction(remote, names, { ...options, value: input }, terminal));
};

const strayFlags = { sync: ['input', 'async'], action: ['reset', 'emptyCache'] } as const;
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const typeOf = async (remote: Remote, { integration, name }: Names): Promise<Type> => {
  const [own = name] = name.split('::');
  const all = await functionsOf(remote, integration);
  const found = all.filter((one) => one.name === own).map(({ type }) => type);
  const [type, other] = found.filter((one) => one !== 'on-event');
  if (type && other) throw usage(`${integration} has a sync and an action ${own}. Say which one: --type sync or --type action.`);
  if (type) return type;
  if (found.length > 0) throw usage(`${own} is an on-event function: it runs by itself. Try it with \`bowline dryrun ${own}\`.`);
  const there = all.filter(({ type: one }) => one !== 'on-event').map((one) => one.name);
  throw usage(
    `There is no function ${own} deployed to ${integration}. ${there.length > 0 ? `It has ${there.slice(0, 20).join(', ')}.` : 'Deploy one: bowline deploy.'}`,
  );
};

const startSync = async (remote: Remote, names: Names, { reset, emptyCache }: TriggerOptions, terminal: Terminal): Promise<void> => {
  const { integration, connection, name } = names;
  const opts = { ...(reset && { reset }), ...(emptyCache && { emptyCache }) };
  const body = { syncs: [name], provider_config_key: integration, connection_id: connection, opts };
  const { syncs } = await ask(remote, (api) => api.syncs.trigger({ query: {}, headers: {}, body }));
  for (const { name: sync, variant, outcome } of syncs) {
    const label = variant === 'base' ? sync : `${sync}::${variant}`;
    terminal.print(outcome === 'started' ? `${label} is started.` : `${label} runs already and was left to finish.`);
  }
  terminal.print(terminal.colours.dim(`How it goes: bowline status ${integration} ${connection}`));
  terminal.result({ ok: true, type: 'sync', syncs });
};

type Call = { value: unknown; async?: boolean };

const showAction = async (remote: Remote, names: Names, call: Call, terminal: Terminal): Promise<void> => {
  const output = await callAction(remote, names, call);
  terminal.print(JSON.stringify(output ?? null, null, 2));
  terminal.result({ ok: true, type: 'action', ...(call.async ? { started: output } : { output }) });
};

/** @throws Failure with exit code 12 for what the function itself throws */
export const callAction = (remote: Remote, names: Names, { async: later, value }: Call): Promise<unknown> => {
  const headers = {
    'provider-config-key': names.integration,
    'connection-id': names.connection,
    ...(later && { 'x-async': 'true' }),
  };
  const body = { action_name: names.name, ...(value !== undefined && { input: value }) };
  return ask(remote, (api) => api.actions.trigger({ query: {}, headers, body }), runFailure);
};

/** The function's own failure, not the server's: its code tells scripts so. */
const runFailure = ({ code, message, details, status }: ApiError): Failure | undefined => {
  if (!runProblems.some((one) => one === code)) return undefined;
  const said = details.payload === undefined ? '' : `\n${JSON.stringify(details.payload, null, 2).slice(0, 4000)}`;
  return new Failure(exitCodes.run, `${code} (${status}): ${message}${said}`, [], { problem: details });
};

const usage = (message: string): Failure => new Failure(exitCodes.usage, message);
