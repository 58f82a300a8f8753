/** Which function runs, and with which connection: what was named, else asked at a terminal, else an error that lists what there is. */
import type { ConnectionSummary } from '@bowline/api/connections';
import type { Definition } from '@bowline/compile/definition';
import type { Entry } from '@bowline/compile/entry';
import type { Compiled } from '../compile/compiled.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { Project } from '../project/find.ts';
import type { Terminal } from '../terminal.ts';
import { asked, type Server } from './server.ts';

export const kinds = ['sync', 'action', 'on-event', 'webhook'] as const;
export type Kind = (typeof kinds)[number];
const declared: Readonly<Record<Kind, Definition['kind']>> = { sync: 'sync', action: 'action', 'on-event': 'onEvent', webhook: 'sync' };
const kindOf: Readonly<Record<Definition['kind'], Kind>> = { sync: 'sync', action: 'action', onEvent: 'on-event' };

/** As many as a person reads through. */
const listedMax = 50;

type Wanted = { name?: string | undefined; integration?: string | undefined };

/**
 * The files that may hold the function: one, or several where a sync and an action share a name.
 * @param owners the integrations that have the connection, asked only when the name alone does not tell
 */
export async function chooseEntries(
  { entries, warnings }: Pick<Project, 'entries' | 'warnings'>,
  wanted: Wanted,
  terminal: Terminal,
  owners: () => Promise<readonly string[]>,
): Promise<Entry[]> {
  const fitting = entries.filter((entry) => isNamed(entry, wanted));
  if (wanted.name === undefined) {
    const chosen = await pick('Which function?', fitting, labelOf, terminal);
    if (chosen) return [chosen];
    throw usage(`Name the function: bowline dryrun <name> [connection]. The project has ${listOf(entries.map(labelOf))}.`);
  }
  if (fitting.length === 0) {
    const where = wanted.integration === undefined ? '' : ` in ${wanted.integration}`;
    const forgotten = warnings.find(({ message }) => message.includes(`/${wanted.name?.split('/').at(-1)}.ts `));
    if (forgotten) throw usage(`${forgotten.file}: ${forgotten.message}`);
    throw usage(`There is no function ${wanted.name}${where}. The project has ${listOf(entries.map(labelOf))}.`);
  }
  const integrations = unique(fitting.map(({ integration }) => integration));
  if (integrations.length === 1) return fitting;
  const having = await owners();
  const left = integrations.filter((one) => having.includes(one));
  const integration =
    left.length === 1 ? left[0] : await pick('Of which integration?', left.length > 0 ? left : integrations, String, terminal);
  if (integration !== undefined) return fitting.filter((entry) => entry.integration === integration);
  throw usage(`${listOf(integrations)} have a function ${wanted.name}. Say which one: --integration-id <key>.`);
}

/** `name`, `integration/name` or the file. */
function isNamed({ integration, name, file }: Entry, wanted: Wanted): boolean {
  if (wanted.integration !== undefined && wanted.integration !== integration) return false;
  return wanted.name === undefined || [name, `${integration}/${name}`, file].includes(wanted.name);
}

export async function chooseKind(
  compiled: readonly Compiled[],
  type: Kind | undefined,
  terminal: Terminal,
): Promise<{ compiled: Compiled; kind: Kind }> {
  const fitting = compiled.filter(({ definition }) => type === undefined || definition.kind === declared[type]);
  const [first] = fitting;
  const there = compiled.map(({ definition }) => `${kindOf[definition.kind]} ${definition.entry.file}`);
  if (!first) throw usage(`--type ${type}: there is only ${listOf(there)}.`);
  const one = fitting.length === 1 ? first : await pick('Which one?', fitting, ({ definition }) => definition.entry.file, terminal);
  if (!one) throw usage(`${listOf(there)} share this name. Say which one: --type sync or --type action.`);
  return { compiled: one, kind: type ?? kindOf[one.definition.kind] };
}

export async function chooseConnection(
  server: Server,
  integration: string,
  wanted: string | undefined,
  terminal: Terminal,
): Promise<ConnectionSummary> {
  const list = (query: { connectionId?: string; limit?: number }) =>
    asked(server, server.api.connections.list({ query: { integrationId: integration, ...query } }));
  if (wanted !== undefined) {
    const [found] = (await list({ connectionId: wanted })).connections;
    if (found) return found;
  }
  const { connections } = await list({ limit: listedMax });
  const chosen = wanted === undefined ? await pick('With which connection?', connections, describe, terminal) : undefined;
  if (chosen) return chosen;
  const there =
    connections.length === 0
      ? `${integration} has no connection on ${server.host} in the environment of the key from ${server.keySource}. Connect one first.`
      : `${integration} has ${listOf(connections.map((one) => one.connection_id))}.`;
  throw usage(
    `${wanted === undefined ? 'Name a connection: bowline dryrun <name> <connection>.' : `There is no connection ${wanted}.`} ${there}`,
  );
}

const describe = ({ connection_id, end_user }: ConnectionSummary): string =>
  [connection_id, end_user?.email ?? end_user?.display_name].filter(Boolean).join('  ');
const labelOf = ({ integration, name }: Entry): string => `${integration}/${name}`;
const unique = (names: readonly string[]): string[] => [...new Set(names)];

function listOf(names: readonly string[]): string {
  const shown = unique(names).slice(0, 10);
  return names.length > shown.length && shown.length === 10 ? `${shown.join(', ')} and more` : shown.join(', ') || 'nothing';
}

/** By number or by name. Undefined where nobody can answer. */
async function pick<T>(
  question: string,
  from: readonly T[],
  label: (one: T) => string,
  { io, json, print }: Terminal,
): Promise<T | undefined> {
  if (json || !io.ask || from.length === 0) return undefined;
  for (const [index, one] of from.entries()) print(`  ${String(index + 1).padStart(2)}  ${label(one)}`);
  const answer = (await io.ask(`${question} [1-${from.length}] `)).trim();
  const chosen = from[Number(answer) - 1] ?? from.find((one) => label(one) === answer || label(one).split(/\s|\//).includes(answer));
  if (chosen !== undefined) return chosen;
  throw usage(`"${answer}" is none of them.`);
}

const usage = (message: string): Failure => new Failure(exitCodes.usage, message);
