/**
 * `bowline dev`: a platform of one's own, and every save of the project deployed to it. Whatever fails is shown and waited out: the next save
 * is the next try. It ends when it is told to, or when its platform does.
 */
import { join, resolve } from 'node:path';
import type { Compiled } from '../compile/compiled.ts';
import { findTarget, type Target } from '../deploy/target.ts';
import { createDeployer } from '../dev/deployer.ts';
import { listen } from '../dev/listen.ts';
import { openPlatform, type Platform, targetOf } from '../dev/platform.ts';
import { runAgain } from '../dev/run.ts';
import { keysHelp, type Part, showCycle, showExisting, showFailure, showPlatform } from '../dev/show.ts';
import { type Changes, watchProject } from '../dev/watch.ts';
import { readValues } from '../dryrun/values.ts';
import { exitCodes, Failure } from '../failure.ts';
import { remoteOf } from '../remote/server.ts';
import type { Terminal } from '../terminal.ts';
import { testCommand } from './test.ts';

export type DevOptions = {
  data?: string;
  port?: number;
  server?: string;
  environment?: string;
  secretKey?: string;
  provider?: ReadonlyMap<string, string>;
  webhooksFrom?: string;
  integration?: readonly string[];
  run?: string;
  connection?: string;
  input?: string;
};
type Session = { readonly root: string; readonly target: () => Target; readonly platform: Platform | undefined };

export const devCommand = async (root: string, options: DevOptions, terminal: Terminal): Promise<void> => {
  const stop = new AbortController();
  terminal.io.stopping?.(() => stop.abort());
  const { input } = readValues({ input: options.input }, terminal.io.cwd);
  const session = await openSession(root, options, stop.signal, terminal);
  if (!session) return;
  const changes = await watchProject(root);
  const hearing = hear(root, session, options, stop.signal, terminal);
  try {
    const run = options.run === undefined ? undefined : { name: options.run, connection: options.connection, input };
    await work(session, { options, run, changes, stop }, terminal);
  } finally {
    stop.abort();
    await hearing;
    await changes.close();
    await session.platform?.stop();
  }
  terminal.line({ type: 'stopped' });
};

/** @returns nothing when it is told to stop meanwhile */
const openSession = async (root: string, options: DevOptions, signal: AbortSignal, terminal: Terminal): Promise<Session | undefined> => {
  const { server, environment, secretKey, data, webhooksFrom } = options;
  if (server !== undefined && webhooksFrom !== undefined)
    throw new Failure(exitCodes.usage, 'Webhooks come to a platform of your own: --server and --webhooks-from exclude each other.');
  if (server !== undefined || (environment !== undefined && webhooksFrom === undefined)) {
    const target = () => findTarget({ environment: environment ?? 'dev', host: server, secretKey, root, env: terminal.io.env });
    showExisting(target(), terminal);
    return { root, target, platform: undefined };
  }
  const folder = data === undefined ? join(root, '.bowline', 'dev') : resolve(terminal.io.cwd, data);
  const progress = (line: string): void => terminal.print(terminal.colours.dim(`  ${line}`));
  try {
    const platform = await openPlatform({ root, folder, port: options.port, env: terminal.io.env, progress, signal });
    showPlatform(platform, terminal);
    return { root, target: () => targetOf(platform), platform };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
};

/** Whatever ends it, the rest goes on. */
const hear = async (root: string, { platform }: Session, options: DevOptions, signal: AbortSignal, terminal: Terminal): Promise<void> => {
  const { webhooksFrom: host, environment = 'dev', secretKey, integration: integrations = [] } = options;
  if (host === undefined || !platform) return;
  await attempt(
    'webhooks',
    async () => {
      const from = findTarget({ environment, host, secretKey, root, env: terminal.io.env });
      await listen({ from, to: platform, integrations, signal }, terminal);
    },
    terminal,
  );
};

type Work = {
  readonly options: DevOptions;
  readonly run: { name: string; connection: string | undefined; input: unknown } | undefined;
  readonly changes: Changes;
  readonly stop: AbortController;
};

const work = async ({ root, target, platform }: Session, { options, run, changes, stop }: Work, terminal: Terminal): Promise<void> => {
  const { io } = terminal;
  let isLost = false;
  platform?.lost.then(() => {
    isLost = true;
    changes.nudge();
  });
  stop.signal.addEventListener('abort', () => changes.nudge());
  const keys = openKeys({ stop, nudge: () => changes.nudge() }, terminal);
  const cycle = createDeployer({
    root,
    target,
    isOwn: platform !== undefined,
    providers: options.provider ?? new Map(),
    choose: io.ask && ((question) => keys.quietly(() => io.ask?.(question) ?? Promise.resolve(''))),
  });
  const touched = new Set<string>();
  let compiled: readonly Compiled[] = [];
  let isFirst = true;
  let wanted: Wanted = 'cycle';
  while (!stop.signal.aborted && !isLost) {
    if (wanted === 'cycle') {
      const done = await attempt('cycle', cycle, terminal);
      if (done) {
        showCycle(done, { target: target(), isFirst }, terminal);
        if (!isFirst) for (const { integration, name } of done.deployed) touched.add(`${integration}/${name}`);
        compiled = done.compiled;
        isFirst = false;
      }
      if (done && run) await attempt('run', () => runAgain(remoteOf(target()), compiled, run, stop.signal, terminal), terminal);
    } else if (wanted === 'run') {
      if (!run) terminal.print('Nothing to run: start with --run <function>.');
      else await attempt('run', () => runAgain(remoteOf(target()), compiled, run, stop.signal, terminal), terminal);
    } else if (wanted === 'test') await attempt('test', () => testCommand(root, [...touched], {}, terminal), terminal);
    else if (wanted === 'open') io.browse?.(`${target().host}/${encodeURIComponent(target().environment)}`);
    else terminal.print(keysHelp);
    const files = await changes.next();
    wanted = files.length > 0 ? 'cycle' : keys.take();
  }
  keys.close();
  if (isLost && !stop.signal.aborted) throw new Failure(exitCodes.other, lost);
};

type Wanted = 'cycle' | 'run' | 'test' | 'open' | 'help';
const lost = 'The local Bowline ended by itself. Its log is platform.log in its folder; `bowline dev` starts it again, with its data.';

/** What fails is said, and not the end. */
const attempt = async <T>(part: Part, step: () => Promise<T>, terminal: Terminal): Promise<T | undefined> => {
  try {
    return await step();
  } catch (error) {
    // Who cancels a question means the whole.
    if (!(error instanceof Failure) || error.exitCode === exitCodes.interrupted) throw error;
    showFailure(part, error, terminal);
    return undefined;
  }
};

const meanings: Readonly<Record<string, Wanted>> = { r: 'run', t: 'test', o: 'open', h: 'help' };

const openKeys = ({ stop, nudge }: { stop: AbortController; nudge: () => void }, { io, json, print, colours }: Terminal) => {
  let pressed: Wanted | undefined;
  const listen = (): (() => void) =>
    (json ? undefined : io.keys)?.((key) => {
      // Ctrl-C and Ctrl-D: a terminal that hands out keys makes no signals of them.
      if (key === 'q' || key === '\u0003' || key === '\u0004') return stop.abort();
      pressed = meanings[key] ?? 'help';
      nudge();
    }) ?? (() => {});
  let close = listen();
  if (io.keys && !json) print(colours.dim(keysHelp));
  return {
    take(): Wanted {
      const wanted = pressed ?? 'help';
      pressed = undefined;
      return wanted;
    },
    /** While somebody types an answer, letters are no commands. */
    async quietly<T>(ask: () => Promise<T>): Promise<T> {
      close();
      try {
        return await ask();
      } finally {
        close = listen();
      }
    },
    close: () => close(),
  };
};
