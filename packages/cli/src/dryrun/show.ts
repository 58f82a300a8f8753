/** A dry run on the terminal: lines while it runs, then what came of it. */
import type { LogLevel } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import { withoutSecrets } from '@bowline/compile/secret-names';
import type { SandboxLine } from '@bowline/sandbox/pool';
import { counted, type Terminal } from '../terminal.ts';
import type { Ran } from './execute.ts';
import type { Kept } from './host-records.ts';
import type { Exchange } from './setup.ts';

const shownRecords = 3;

export function showLine({ level, message, meta }: SandboxLine, { print, colours }: Terminal): void {
  const paint: Readonly<Record<LogLevel, (text: string) => string>> = {
    debug: colours.dim,
    info: colours.cyan,
    warn: colours.yellow,
    error: colours.red,
    off: colours.dim,
  };
  print(`  ${paint[level](level.padEnd(5))} ${message}${meta === undefined ? '' : ` ${colours.dim(JSON.stringify(meta))}`}`);
}

export function showExchange({ request, shown, sent, lost, ms }: Exchange, { print, colours }: Terminal): void {
  const status =
    sent === undefined ? colours.red('no answer') : (sent.value.status < 400 ? colours.green : colours.red)(String(sent.value.status));
  const line = `${request.method.toUpperCase()} ${withoutSecrets(shown)} ${status} ${colours.dim(`· ${ms} ms`)}`;
  print(`  ${colours.dim('http ')} ${line}${lost === undefined ? '' : ` ${colours.dim(lost)}`}`);
}

export function showResult({ output, kept, done, found }: Ran, kind: string, { print, colours }: Terminal): void {
  print();
  if (kind === 'action') {
    print(JSON.stringify(output, null, 2));
    return;
  }
  if (kept.size === 0) print(colours.dim(kind === 'on-event' ? 'The function ran to its end.' : 'No records.'));
  for (const [model, one] of kept) {
    print(`${colours.bold(model)}  ${countsOf(one)}`);
    const records = [...one.records.values()];
    for (const record of records.slice(0, shownRecords)) print(indented(JSON.stringify(record, null, 2)));
    if (records.length > shownRecords)
      print(colours.dim(`  … and ${counted(records.length - shownRecords, 'further record')}; --json prints all`));
    if (one.deleted.size > 0) print(`  deleted: ${[...one.deleted].slice(0, 10).join(', ')}${one.deleted.size > 10 ? ' …' : ''}`);
  }
  if (found.usesCheckpoint) print(`${colours.bold('checkpoint')}  ${done.checkpoint === null ? 'none' : JSON.stringify(done.checkpoint)}`);
  if (kind !== 'on-event') print(colours.dim('Neither records nor checkpoint were stored.'));
}

const countsOf = ({ added, updated, unchanged, deleted }: Kept): string =>
  [`${added} added`, `${updated} updated`, `${deleted.size} deleted`, ...(unchanged > 0 ? [`${unchanged} unchanged`] : [])].join(', ');

const indented = (text: string): string => text.replace(/^/gm, '  ');

/** Type, message, what the author or the provider said, and the author's own lines. */
export function describeError({ type, message, payload, upstream, stack = [] }: RunError): string {
  const said = upstream ? { status: upstream.status, body: upstream.body } : type === 'action_script_runtime_error' ? payload : undefined;
  return [
    `${type}: ${message}`,
    ...(said === undefined ? [] : [indented(JSON.stringify(said, null, 2).slice(0, 4000))]),
    ...stack.map((line) => `  at ${line}`),
  ].join('\n');
}

export function showDiagnostics(ran: Ran, { print }: Terminal): void {
  const { calls, sent, received, memory } = diagnosticsOf(ran);
  print(
    `${(ran.ms / 1000).toFixed(1)} s, ${counted(calls, 'request')}, ${sizeOf(sent)} sent, ${sizeOf(received)} received${memory === undefined ? '' : `, sandbox up to ${sizeOf(memory)}`}`,
  );
}

export function diagnosticsOf({ ms, found: { exchanges }, memoryBytes }: Ran) {
  return {
    duration_ms: ms,
    calls: exchanges.length,
    sent: exchanges.reduce((sum, { bytes }) => sum + bytes, 0),
    received: exchanges.reduce((sum, { sent }) => sum + (sent?.body.length ?? 0), 0),
    memory: memoryBytes,
  };
}

const sizeOf = (bytes: number): string =>
  bytes < 1000 ? `${bytes} B` : bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

export const documentOf = ({ output, error, kept, done, found }: Ran, kind: string) => ({
  ...(error ? { run_error: error } : kind === 'action' ? { output } : {}),
  ...(kept.size === 0
    ? {}
    : {
        models: Object.fromEntries(
          [...kept].map(([model, { records, deleted, ...counts }]) => [
            model,
            { ...counts, deleted: deleted.size, records: [...records.values()], deleted_ids: [...deleted] },
          ]),
        ),
      }),
  ...(found.usesCheckpoint ? { checkpoint: done.checkpoint } : {}),
  calls: found.exchanges.map(({ request, shown, sent, lost, ms }) => ({
    method: request.method.toUpperCase(),
    url: withoutSecrets(shown),
    status: sent?.value.status ?? null,
    ms,
    ...(lost === undefined ? {} : { lost }),
  })),
});
