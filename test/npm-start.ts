/** `npm start` as a process on a data folder of the test's, and what it prints. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createClient } from '@bowline/api/client';
import { publicRoutes } from '@bowline/api/routes';
import { root, until } from './platform.ts';

export type Started = ReturnType<typeof npmStart>;

export function npmStart(place: { home: string; port: number }) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(BOWLINE_|NANGO_|DATABASE_URL$|PORT$)/.test(name)));
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], {
    env: { ...env, BOWLINE_HOME: place.home, PORT: String(place.port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = `http://localhost:${place.port}`;
  const printed = (label: string) => text.match(new RegExp(`${label} +(.+)`))?.[1]?.trim() ?? '';
  return {
    child,
    url,
    ended,
    output: () => text,
    /** What stands beside a label of the final block. */
    printed,
    api: createClient(publicRoutes, { baseUrl: url, headers: () => ({ authorization: `Bearer ${printed('API key \\(dev\\)')}` }) }),
    ready: () =>
      until('the final block', () => (child.exitCode === null ? text.includes('Try next') : Promise.reject(new Error(text))), 90_000),
  };
}
