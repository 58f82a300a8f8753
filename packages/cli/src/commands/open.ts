/** `bowline open`: the address of a page of the dashboard; at a terminal the browser is asked to show it. */
import { findHost } from '../deploy/target.ts';
import type { Terminal } from '../terminal.ts';

const paths = {
  overview: '',
  integrations: '/integrations',
  connections: '/connections',
  providers: '/providers',
  activity: '/activity',
  logs: '/activity',
  settings: '/settings',
} as const;
type Page = keyof typeof paths;
export const pages = Object.keys(paths);
const isPage = (name: string): name is Page => name in paths;

export const openCommand = (root: string, page: string, options: { environment: string; host?: string }, terminal: Terminal): void => {
  const { io } = terminal;
  const host = findHost({ host: options.host, root, env: io.env, cwd: io.cwd });
  const url = `${host}/${encodeURIComponent(options.environment)}${isPage(page) ? paths[page] : ''}`;
  terminal.print(url);
  if (!terminal.json) io.browse?.(url);
  terminal.result({ ok: true, url });
};
