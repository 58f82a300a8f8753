/** How the demo looks in a terminal. Colour only where somebody watches (picocolors also honours NO_COLOR and FORCE_COLOR). */
import { createColors } from 'picocolors';
import type { StepResult } from './play.ts';
import { INTEGRATION, REPOSITORY, type Running } from './stage.ts';

const colours = (isTerminal: boolean) => createColors(isTerminal && !process.env.NO_COLOR);

/** `✓ issues synced  150 added, 0 updated, 0 deleted   1.24 s` */
export function stepLine({ name, ok, ms, result, failure }: StepResult, isTerminal: boolean): string {
  const { green, red, dim, bold } = colours(isTerminal);
  const seconds = `${(ms / 1000).toFixed(2)} s`.padStart(7);
  if (ok) return `  ${green('✓')} ${name.padEnd(28)} ${dim(seconds)}  ${dim(result)}`;
  const indent = (text = '') => text.split('\n').join('\n               ');
  return [
    `  ${red('✗')} ${bold(name.padEnd(28))} ${dim(seconds)}`,
    `      ${failure?.message}`,
    `      expected ${indent(failure?.expected)}`,
    `      came     ${indent(failure?.came)}`,
    `      look at  ${failure?.look}`,
  ].join('\n');
}

type Ending = { running: Running; isTerminal: boolean; firstStart: boolean; connectionId?: string | undefined };

/** The block a start ends with: where, how to get in, and what to try. */
export function endBlock({ running, isTerminal, firstStart, connectionId }: Ending): string {
  const { bold, cyan, dim } = colours(isTerminal);
  const { url, admin, apiKey, signingKey } = running;
  const password = admin.password ?? dim(firstStart ? 'the one you set' : 'as at the first start');
  const lines = [
    '',
    `  ${bold('Bowline is running')}   ${dim('Ctrl-C stops it, all data stays')}`,
    '',
    `  Dashboard             ${cyan(url)}`,
    `  API reference         ${cyan(`${url}/reference`)}`,
    `  Sign in               ${admin.email}  ${password}`,
    `  API key (dev)         ${apiKey}`,
    `  Webhook signing key   ${signingKey}`,
    '',
    `  ${bold('Try next')}`,
    ...(connectionId ? demoHints(running, connectionId) : emptyHints(running)).map((line) => `  ${line}`),
    '',
  ];
  return lines.join('\n');
}

function demoHints({ url, apiKey }: Running, connectionId: string): string[] {
  const headers = `-H 'Authorization: Bearer ${apiKey}' -H 'Provider-Config-Key: ${INTEGRATION}' -H 'Connection-Id: ${connectionId}'`;
  return [
    '1  Read the synced issues:',
    `   curl ${headers} '${url}/records?model=Issue&limit=2'`,
    '2  Call GitHub with the end user’s credentials:',
    `   curl ${headers} '${url}/proxy/repos/${REPOSITORY}/issues?per_page=1'`,
    '3  Open the dashboard, Connections, Add connection: connect a second account on the emulator’s consent page.',
  ];
}

function emptyHints({ url, apiKey }: Running): string[] {
  return [
    '1  Open the dashboard and add an integration.',
    '2  See what can be connected:',
    `   curl -H 'Authorization: Bearer ${apiKey}' '${url}/providers?search=github'`,
    '3  Deploy functions: examples/integrations is a project to start from (npx bowline deploy dev).',
  ];
}
