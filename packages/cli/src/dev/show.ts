/** What `bowline dev` says: a line a cycle, and what a person has to do beside it. */

import type { Target } from '../deploy/target.ts';
import type { Failure } from '../failure.ts';
import { counted, type Terminal } from '../terminal.ts';
import type { Cycle, Deployed } from './deployer.ts';
import type { Platform } from './platform.ts';
import { connectPage } from './run.ts';

const clock = (): string => new Date().toTimeString().slice(0, 8);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
/** More are counted instead. */
const namedMax = 4;

export const showPlatform = ({ url, admin, apiKey, attached }: Platform, terminal: Terminal): void => {
  const { print, colours } = terminal;
  print(`${colours.green('✔')} Bowline ${attached ? 'runs already' : 'runs'} at ${colours.bold(url)}`);
  print(`  Dashboard  ${url}/dev`);
  print(`  Sign in    ${admin.email}, ${admin.password ? `password ${admin.password}` : 'with the password you set'}`);
  print(`  API key    ${apiKey}`);
  if (attached) print(colours.dim('  It was started by another bowline dev and ends with that one.'));
  terminal.line({ type: 'started', url, attached, admin, apiKey });
};

export const showExisting = ({ host, environment, keySource }: Target, terminal: Terminal): void => {
  terminal.print(`${terminal.colours.green('✔')} Deploying to ${terminal.colours.bold(host)}, with the key from ${keySource}`);
  terminal.line({ type: 'started', url: host, environment });
};

export const showCycle = (cycle: Cycle, { target, isFirst }: { target: Target; isFirst: boolean }, terminal: Terminal): void => {
  const { print, colours } = terminal;
  const { deployed, removed, providers, compileMs, deployMs } = cycle;
  showIntegrations(cycle, target, terminal);
  const what = [
    ...nameAll(deployed, colours),
    ...removed.map((name) => colours.red(`- ${name}`)),
    ...providers.map((name) => `provider ${name}`),
  ];
  const nothing = isFirst ? 'no functions yet; write one at <integration>/syncs/<name>.ts' : colours.dim('the same as before');
  print(
    `${colours.green('✔')} ${[clock(), ...(what.length > 0 ? what : [nothing]), colours.dim(`compiled ${seconds(compileMs)}  deployed ${seconds(deployMs)}`)].join('  ')}`,
  );
  terminal.report(cycle.warnings);
  const { made, lacking, warnings } = cycle;
  terminal.line({ type: 'cycle', ok: true, deployed, removed, providers, integrations: { made, lacking }, warnings, compileMs, deployMs });
};

const nameAll = (deployed: readonly Deployed[], colours: Terminal['colours']): string[] =>
  deployed.length > namedMax
    ? [counted(deployed.length, 'function')]
    : deployed.map(
        ({ integration, name, version, hash }) =>
          `${colours.bold(`${integration}/${name}`)}${version ? ` v${version}` : ''} ${colours.dim(hash.slice(0, 12))}`,
      );

const showIntegrations = ({ made, lacking }: Cycle, target: Target, { print, colours }: Terminal): void => {
  for (const { key, provider, needsApp } of made) {
    print(`${colours.green('+')} integration ${colours.bold(key)}${provider === key ? '' : ` of ${provider}`}`);
    if (needsApp) print(`  Enter the app you registered there:  ${target.host}/dev/integrations/${encodeURIComponent(key)}?tab=settings`);
    print(`  Connect somebody:  ${connectPage(target, key)}`);
  }
  for (const { key, reason } of lacking) print(`${colours.yellow('!')} ${key} is left out. ${reason}`);
};

/** What is deployed stays. */
export type Part = 'cycle' | 'run' | 'test' | 'webhooks';
export const showFailure = (type: Part, { message, diagnostics }: Failure, terminal: Terminal): void => {
  const { print, colours } = terminal;
  print(`${colours.red('✗')} ${clock()}  ${message.replace('nothing was written.', 'the last good deployment stays.')}`);
  terminal.report(diagnostics);
  terminal.line({ type, ok: false, message, diagnostics });
};

export const keysHelp = 'r run again · t play recordings of what changed · o open the dashboard · q quit · h help';
