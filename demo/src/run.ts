/**
 * The platform with the demo: both started at once, the demo played when the platform is new, both stopped together.
 * The scripts bring the platform's `start`; the demo itself knows the platform only by its HTTP API.
 */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Beside, forPlatform, startBeside } from './beside.ts';
import { findPlace, type Place, savePlace } from './place.ts';
import { play, type StepResult } from './play.ts';
import { apiClient, type Running, type Stage } from './stage.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Started = Running & { readonly firstStart: boolean; stop(): Promise<void> };
type Start = (options: { env: Env; providers?: string[]; allow?: string[]; progress?: (line: string) => void }) => Promise<Started>;
export type RunOptions = {
  readonly env: Env;
  readonly start: Start;
  readonly command: Stage['command'];
  readonly progress: (line: string) => void;
  readonly report: (result: StepResult) => void;
  /** Ends the demo after the step under way. */
  readonly signal?: AbortSignal;
};
export type Run = {
  readonly running: Started;
  /** Of the demo, when it was played by this start. */
  readonly results: readonly StepResult[];
  /** The connection the demo made, now or at an earlier start. */
  readonly connectionId: string | undefined;
  stop(): Promise<void>;
};

/** @throws what the platform's start throws: a wrong setting, a data folder in use */
export async function run({ env, start, command, progress, report, signal }: RunOptions): Promise<Run> {
  const place = env.BOWLINE_DEMO?.trim() === '0' ? undefined : await findPlace(resolve(env.BOWLINE_HOME?.trim() || '.bowline'));
  if (!place) {
    const running = await start({ env, progress });
    return { running, results: [], connectionId: undefined, stop: () => running.stop() };
  }
  const { running, beside } = await startBoth(place, { env, start, progress });
  const stop = async () => {
    await running.stop();
    await beside?.stop();
  };
  try {
    return { running, ...(await playOnce(place, { running, beside, command, report, progress, signal })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Together, because each takes a moment, but not before the platform's first news: by then the data folder is known to be free.
 * When both fail, the platform's reason is the one to tell.
 */
async function startBoth(place: Place, { env, start, progress }: Pick<RunOptions, 'env' | 'start' | 'progress'>) {
  const publicUrl = env.BOWLINE_PUBLIC_URL?.trim().replace(/\/$/, '') || `http://localhost:${env.PORT?.trim() || '3003'}`;
  let begun = () => {};
  const news = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const told = (line: string) => {
    begun();
    progress(line);
  };
  const starting = start({ env, progress: told, ...forPlatform(place) });
  await Promise.race([news, starting]);
  const [platform, beside] = await Promise.allSettled([starting, startBeside(place, publicUrl, progress)]);
  if (platform.status === 'fulfilled' && beside.status === 'fulfilled') return { running: platform.value, beside: beside.value };
  if (platform.status === 'rejected') {
    if (beside.status === 'fulfilled') await beside.value.stop();
    throw platform.reason;
  }
  if (platform.value.firstStart) {
    await platform.value.stop();
    throw beside.status === 'rejected' ? beside.reason : undefined;
  }
  progress(`the demo's emulator could not be started, its connections will fail: ${String(beside.status === 'rejected' && beside.reason)}`);
  return { running: platform.value, beside: undefined };
}

type Playing = Pick<RunOptions, 'command' | 'report' | 'progress'> & {
  running: Started;
  beside: Beside | undefined;
  signal: AbortSignal | undefined;
};

async function playOnce(place: Place, { running, beside, command, report, progress, signal }: Playing) {
  const later = { results: [], connectionId: place.connectionId };
  if (place.isNew && !running.firstStart) {
    await beside?.stop(); // a new folder for a database that is in use already: no place for a demo
    return later;
  }
  if (!beside) return later;
  beside.receiver.connect(running);
  if (place.connectionId !== undefined) return later;
  if (!running.firstStart && !(await isUntouched(running))) {
    progress('the demo of this data folder is not complete; to see it, start on an empty one');
    return later;
  }
  savePlace(place); // first: if we are killed in the middle, the next start goes on with these ports
  const { results, found } = await play({ running, beside, command }, report, signal);
  if (found.connectionId !== undefined) savePlace({ ...place, connectionId: found.connectionId });
  return { results, connectionId: found.connectionId };
}

/** The first start was stopped before the demo did anything. */
async function isUntouched(running: Running): Promise<boolean> {
  return (await apiClient(running).integrations.list({ query: {} })).data.length === 0;
}

/** Removes what a demo in a temporary data folder leaves. */
export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }); // a Postgres that just ended may still write
}
