/** `bowline status` of nothing in particular: the processes of the server, what each does, when it was last heard of, and how long work waits for them. */
import { roles } from '@bowline/api/environment';
import type { TargetOptions } from '../deploy/target.ts';
import { ask, openRemote } from '../remote/server.ts';
import { spanOf } from '../remote/span.ts';
import { printTable } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';

export const processesCommand = async (root: string, options: TargetOptions, terminal: Terminal): Promise<void> => {
  const remote = openRemote(root, options, terminal);
  const [{ data }, queue] = await ask(remote, (api) =>
    Promise.all([api.environment.processes({ query: {} }), api.environment.queue({ query: {} })]),
  );
  printTable(
    ['PROCESS', 'ROLES', 'VERSION', 'STATE', 'LAST HEARD', 'STARTED'],
    data.map((one) => [`${one.host}:${one.pid}`, one.roles.join(','), one.version, one.state, one.last_beat_at, one.started_at]),
    terminal,
  );
  terminal.print('');
  printTable(
    ['WORK', 'OLDEST WAITS'],
    queue.data.map((one) => [one.class, one.age_ms === null ? '-' : spanOf(one.age_ms)]),
    terminal,
  );
  for (const role of roles)
    if (!data.some((one) => one.state === 'alive' && one.roles.includes(role)))
      terminal.print(terminal.colours.yellow(`No process has the role ${role}: ${waits[role]} Start one: bowline start --role ${role}`));
  terminal.result({ ok: true, processes: data, queue: queue.data });
};

const waits = {
  api: 'requests are answered by none that is listed here.',
  worker: 'jobs wait.',
  scheduler: 'syncs that are due wait.',
};
