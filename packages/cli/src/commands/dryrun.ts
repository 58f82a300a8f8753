/** `bowline dryrun`: runs a function of the project on this machine for a real connection, stores nothing, and records the run if asked. */
import type { Sandboxes } from '@bowline/sandbox/pool';
import { compileOnly } from '../compile/compile.ts';
import { findTarget } from '../deploy/target.ts';
import { chooseConnection, chooseEntries, chooseKind, type Kind } from '../dryrun/choose.ts';
import { execute, type Plan, type Ran } from '../dryrun/execute.ts';
import { createGuard } from '../dryrun/guard.ts';
import { asked, openServer, type Server } from '../dryrun/server.ts';
import { describeError, diagnosticsOf, documentOf, showDiagnostics, showExchange, showLine, showResult } from '../dryrun/show.ts';
import { describeMistakes, type Mistake, validateInput, validateResult } from '../dryrun/validate.ts';
import { type Flags, readValues } from '../dryrun/values.ts';
import { exitCodes, Failure } from '../failure.ts';
import { openSandboxes } from '../local/sandboxes.ts';
import { findProject } from '../project/find.ts';
import { type Saved, saveRun } from '../record/save.ts';
import { showSaved } from '../record/show.ts';
import { counted, type Terminal } from '../terminal.ts';

export type DryrunOptions = Flags & {
  environment: string;
  host?: string;
  secretKey?: string;
  integrationId?: string;
  type?: Kind;
  variant?: string;
  readOnly?: boolean;
  allow?: string[];
  diagnostics?: boolean;
  validation?: boolean;
  saveResponses?: boolean;
  saveFailure?: boolean;
  case?: string;
  autoConfirm?: boolean;
};
type Names = { name: string | undefined; connectionId: string | undefined };

export const dryrunCommand = async (root: string, names: Names, options: DryrunOptions, terminal: Terminal): Promise<void> => {
  const plan = await prepare(root, names, options, terminal);
  const { kind, compiled, connection, values } = plan;
  const wrong = options.validation ? await validateInput(compiled, values) : [];
  if (wrong.length > 0) throw new Failure(exitCodes.run, invalid('The input', wrong), [], { mistakes: wrong });
  const sandboxes = openSandboxes(1);
  try {
    const { ran, logs } = await runAndShow(plan, options, sandboxes, terminal);
    const mistakes = options.validation ? await validateResult(compiled, ran) : [];
    const saved = mistakes.length > 0 ? undefined : await record(root, plan, ran, options, sandboxes, terminal);
    const document = {
      function: { integration: connection.provider_config_key, type: kind, name: compiled.definition.entry.name },
      connection_id: connection.connection_id,
      ...documentOf(ran, kind),
      logs,
      ...(options.validation ? { mistakes } : {}),
      ...(saved ? { saved } : {}),
      ...(options.diagnostics ? { diagnostics: diagnosticsOf(ran) } : {}),
    };
    if (options.diagnostics) showDiagnostics(ran, terminal);
    if (ran.error) throw new Failure(exitCodes.run, describeError(ran.error), [], document);
    if (mistakes.length > 0) throw new Failure(exitCodes.run, invalid('What the function gave', mistakes), [], document);
    terminal.result({ ok: true, ...document });
  } finally {
    await sandboxes.close();
  }
};

const isSaved = ({ saveResponses, saveFailure, case: name }: DryrunOptions): boolean =>
  Boolean(saveResponses || saveFailure || name !== undefined);

const invalid = (what: string, mistakes: readonly Mistake[]): string =>
  `${what} does not fit what it declares: ${counted(mistakes.length, 'mistake')}.\n${describeMistakes(mistakes)}`;

/** A run that failed is the expectation of a test only if somebody says so. */
async function record(
  root: string,
  plan: Plan,
  ran: Ran,
  options: DryrunOptions,
  sandboxes: Sandboxes,
  terminal: Terminal,
): Promise<Saved | undefined> {
  if (!isSaved(options)) return undefined;
  const { io, json, print, colours } = terminal;
  if (ran.error && !options.saveFailure) {
    const answer =
      json || !io.ask ? '' : await io.ask(`\n${describeError(ran.error)}\nSave this run as one that is expected to fail so? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) {
      print(colours.dim('\nThe run failed, so nothing was saved. If that is what is expected: --save-failure.'));
      return undefined;
    }
  }
  const saved = await saveRun(plan, ran, { root, file: fileOf(plan, options.case) }, sandboxes);
  showSaved(saved, terminal);
  return saved;
}

/** Where a sync and an action share a name, and for what is not the function's main part, the kind is in the name. */
function fileOf({ compiled, kind, isShared }: Plan, name: string | undefined): string {
  const { entry } = compiled.definition;
  const parts = [entry.name, ...(isShared || kind === 'webhook' ? [kind] : []), ...(name === undefined ? [] : [name])];
  return `${entry.integration}/tests/${parts.join('.')}.test.json`;
}

/** The code as it is now, of this one function: a project of hundreds is not bundled for it. Types are for `compile` and the editor. */
async function prepare(root: string, { name, connectionId }: Names, options: DryrunOptions, terminal: Terminal): Promise<Plan> {
  const values = readValues(options, terminal.io.cwd);
  const { environment, host, secretKey } = options;
  const project = findProject(root);
  const server = openServer(findTarget({ environment, host, secretKey, root, env: terminal.io.env, cwd: terminal.io.cwd }), terminal.note);
  const wanted = { name, integration: options.integrationId };
  const entries = await chooseEntries(project, wanted, terminal, () => ownersOf(server, connectionId));
  const { compiled: found } = await compileOnly({ ...project, entries, warnings: [] }, terminal, { types: false, remember: false });
  const type = options.type ?? ('payload' in values ? 'webhook' : undefined);
  const { compiled, kind } = await chooseKind(found, type, terminal);
  checkCase(options.case);
  const connection = await chooseConnection(server, compiled.definition.entry.integration, connectionId, terminal);
  return {
    server,
    compiled,
    kind,
    connection,
    values,
    variant: options.variant ?? 'base',
    readOnly: options.readOnly === true,
    isShared: found.length > 1,
    recorded: isSaved(options),
  };
}

function checkCase(name: string | undefined): void {
  if (name === undefined || /^[a-zA-Z0-9_-]+$/.test(name)) return;
  throw new Failure(exitCodes.usage, `--case "${name}": use letters, digits, - and _; it becomes part of a file's name.`);
}

async function ownersOf(server: Server, connectionId: string | undefined): Promise<string[]> {
  if (connectionId === undefined) return [];
  const { connections } = await asked(server, server.api.connections.list({ query: { connectionId } }));
  return connections.map((one) => one.provider_config_key);
}

async function runAndShow(
  plan: Plan,
  { allow = [], autoConfirm = false }: DryrunOptions,
  sandboxes: Sandboxes,
  terminal: Terminal,
): Promise<{ ran: Ran; logs: { level: string; message: string }[] }> {
  const { kind, compiled, connection, server, readOnly } = plan;
  const logs: { level: string; message: string }[] = [];
  const note = (message: string) => {
    logs.push({ level: 'info', message });
    terminal.print(`  ${terminal.colours.dim(`dry   ${message}`)}`);
  };
  const { integration, name } = compiled.definition.entry;
  terminal.print(`\nDry run of the ${kind} ${integration}/${name} with connection ${connection.connection_id} of ${server.host}`);
  const ran = await execute(plan, sandboxes, {
    guard: createGuard({ readOnly, allow, confirmed: autoConfirm }, terminal),
    tell: { exchange: (exchange) => showExchange(exchange, terminal), note },
    onLog: (line) => {
      logs.push(line);
      showLine(line, terminal);
    },
  });
  if (!ran.error) showResult(ran, kind, terminal);
  return { ran, logs };
}
