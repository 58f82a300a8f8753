/** `bowline logs`: the activity log of the environment: the newest operations, one with its messages, or what happens from now on. */
import type { FollowedMessage, Operation, OperationMessage } from '@bowline/api/logs';
import type { TargetOptions } from '../deploy/target.ts';
import { readDate } from '../dryrun/values.ts';
import { exitCodes, Failure } from '../failure.ts';
import { type Filter, follow, pollMs } from '../remote/follow.ts';
import { ask, openRemote, type Remote } from '../remote/server.ts';
import { plain, printTable } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';

export type LogsOptions = TargetOptions &
  Filter & { state?: Operation['state']; since?: string; search?: string; limit: number; follow?: boolean };

export const logsCommand = async (root: string, id: string | undefined, options: LogsOptions, terminal: Terminal): Promise<void> => {
  const since = options.since === undefined ? undefined : readSince(options.since);
  if (options.follow && (id !== undefined || options.search !== undefined || options.state !== undefined))
    throw new Failure(exitCodes.usage, '--follow tells what happens: it takes no id, no --search and no --state.');
  const remote = openRemote(root, options, terminal);
  if (id !== undefined) return showOne(remote, id, terminal);
  const { type, integration, connection, function: name } = options;
  const filter = {
    ...(type && { type }),
    ...(integration && { integration }),
    ...(connection && { connection }),
    ...(name && { function: name }),
  };
  if (options.follow) return followAll(remote, filter, since, terminal);
  const { state, search, limit } = options;
  const query = { ...filter, state, search, from: since, limit };
  const { operations, next_cursor } = await ask(remote, (api) => api.logs.operations({ query }));
  for (const operation of operations) terminal.line({ operation });
  if (operations.length > 0) printTable(head, operations.map(rowOf), terminal);
  else
    terminal.print(
      next_cursor === null
        ? `Nothing like that in the log of ${remote.target.host}; it keeps 15 days.`
        : 'Nothing yet in the newest 20,000 operations; narrow the search.',
    );
  if (next_cursor !== null) terminal.print(terminal.colours.dim('There is more: --limit, --since and the other filters.'));
};

const head = ['STARTED', 'TYPE', 'STATE', 'INTEGRATION', 'CONNECTION', 'FUNCTION', 'ID', 'WHAT'];
const rowOf = ({ started_at, type, state, integration, connection, function: name, id, title, error }: Operation): string[] => [
  started_at,
  type,
  state,
  integration ?? '-',
  connection ?? '-',
  name ?? '-',
  id,
  error === null ? title : `${title}: ${error}`,
];

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m`, or a date. @throws Failure */
const readSince = (given: string): string => {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(given) ?? [];
  const ms = unitsMs[unit];
  if (ms !== undefined) return new Date(Date.now() - Number(count) * ms).toISOString();
  if (!/^\d{4}-/.test(given))
    throw new Failure(exitCodes.usage, `--since "${given}" is no time. Write 30s, 10m, 2h, 3d or 2026-01-31T08:00:00Z.`);
  return readDate('--since', given);
};

const showOne = async (remote: Remote, id: string, terminal: Terminal): Promise<void> => {
  let after: string | undefined;
  let shown: Operation | undefined;
  do {
    const page = await ask(remote, (api) => api.logs.operation({ params: { id }, query: { after, limit: 1000 } }));
    if (!shown) {
      shown = page.operation;
      terminal.line({ operation: shown });
      const [started, type, state, ...rest] = rowOf(shown);
      terminal.print(plain([started, type, state, ...rest.slice(0, 3)].join('  ')));
      terminal.print(plain(rest.at(-1) ?? ''));
    }
    for (const message of page.messages) showMessage({ ...message, operation_id: id }, undefined, terminal);
    after = page.next_cursor ?? undefined;
  } while (after !== undefined);
};

const followAll = async (remote: Remote, filter: Filter, since: string | undefined, terminal: Terminal): Promise<void> => {
  const { io, colours, note, print } = terminal;
  const stopped = new Promise<void>((resolve) => io.stopping?.(resolve));
  const running = new Map<string, string>();
  note(colours.dim(`Following ${remote.target.host}, asked every ${pollMs / 1000} s; Ctrl-C ends it.`));
  const following = {
    filter,
    since,
    operation: (operation: Operation) => {
      terminal.line({ operation });
      const { id, state, type, function: name, connection, started_at, ended_at, duration_ms, title, error } = operation;
      const tag = [name ?? type, connection].filter(Boolean).join(' ');
      if (ended_at === null) running.set(id, tag);
      else running.delete(id);
      const paint = state === 'success' ? colours.green : state === 'running' ? colours.bold : colours.red;
      const took = `${((duration_ms ?? 0) / 1000).toFixed(1)} s`;
      const what = ended_at === null ? `${plain(title)}  ${colours.dim(id)}` : plain(error === null ? took : `${took}  ${error}`);
      print([colours.dim(ended_at ?? started_at), paint(state.padEnd(9)), plain(tag), what].join('  '));
    },
    message: (message: FollowedMessage) => showMessage(message, running.get(message.operation_id), terminal),
    away: () => note(`${remote.target.host} does not answer; it is asked until it does.`),
    back: () => note(`${remote.target.host} answers again.`),
  };
  await ask(remote, () => follow(remote, following, stopped));
};

const showMessage = (message: FollowedMessage, tag: string | undefined, terminal: Terminal): void => {
  const { colours, print } = terminal;
  terminal.line({ message });
  const paint: Readonly<Record<OperationMessage['level'], (text: string) => string>> = {
    debug: colours.dim,
    info: colours.cyan,
    warn: colours.yellow,
    error: colours.red,
  };
  print(
    [
      colours.dim(message.at),
      paint[message.level](message.level.padEnd(9)),
      ...(tag === undefined ? [] : [plain(tag)]),
      plain(message.message),
    ].join('  '),
  );
};
