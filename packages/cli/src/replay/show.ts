/** A replay on the terminal: what it left that the captured run did not, and which requests had no answer. */
import type { Terminal } from '../terminal.ts';
import { counted } from '../terminal.ts';
import type { Diff, FieldChange, ModelDiff } from './diff.ts';
import { describeMiss } from './host.ts';
import type { Miss } from './match.ts';

const shownRecords = 10;
const shownChars = 300;

export type Requests = { exact: number; moments: number; missing: Miss[]; left: string[] };

export function showRequests({ exact, moments, missing, left }: Requests, { print, colours }: Terminal): void {
  const apart = moments > 0 ? `, ${moments} of them but for a time` : '';
  print(`${colours.bold('requests')}  ${exact + moments} answered from the capture${apart}`);
  for (const miss of missing) {
    print(`  ${colours.red('missing')} ${describeMiss(miss)}`);
    if (miss.body !== undefined) print(`          ${colours.dim(`body ${miss.body}`)}`);
  }
  for (const one of left.slice(0, shownRecords)) print(`  ${colours.yellow('not made')} ${one}`);
  if (left.length > shownRecords) print(colours.dim(`  … and ${left.length - shownRecords} more that were not made`));
}

export function showDiff(diff: Diff, terminal: Terminal): void {
  const { print, colours } = terminal;
  for (const [model, one] of Object.entries(diff.models)) showModel(model, one, terminal);
  showFields('checkpoint', diff.checkpoint, terminal);
  showFields('output', diff.output, terminal);
  if (diff.error) {
    print(colours.bold('error'));
    const words = (told: typeof diff.error.before) => (told ? `${told.type}: ${told.message}` : 'none');
    print(`  ${colours.red(`- ${words(diff.error.before)}`)}`);
    print(`  ${colours.green(`+ ${words(diff.error.after)}`)}`);
    for (const line of diff.error.after?.stack ?? []) print(colours.dim(`    at ${line}`));
  }
  if (diff.logs !== '') {
    print(colours.bold('logs'));
    for (const line of diff.logs.split('\n'))
      print(`  ${line.startsWith('+') ? colours.green(line) : line.startsWith('-') ? colours.red(line) : line}`);
  }
}

function showModel(model: string, { added, updated, deleted, unchanged }: ModelDiff, { print, colours }: Terminal): void {
  print(`${colours.bold(model)}  ${added.length} added, ${updated.length} updated, ${deleted.length} deleted, ${unchanged} unchanged`);
  for (const { id, record } of added.slice(0, shownRecords)) print(colours.green(`  + ${id} ${text(record)}`));
  for (const { id, fields } of updated.slice(0, shownRecords)) {
    print(colours.yellow(`  ~ ${id}`));
    for (const { path, before, after } of fields) print(`      ${path}: ${colours.red(text(before))} → ${colours.green(text(after))}`);
  }
  for (const { id, record } of deleted.slice(0, shownRecords)) print(colours.red(`  - ${id}${record ? ` ${text(record)}` : ''}`));
  const hidden = [added, updated, deleted].reduce((sum, { length }) => sum + Math.max(0, length - shownRecords), 0);
  if (hidden > 0) print(colours.dim(`  … and ${counted(hidden, 'further record')}; --json prints all`));
}

function showFields(what: string, fields: readonly FieldChange[], { print, colours }: Terminal): void {
  if (fields.length === 0) return;
  print(colours.bold(what));
  for (const { path, before, after } of fields)
    print(`  ${path === '' ? '' : `${path}: `}${colours.red(text(before))} → ${colours.green(text(after))}`);
}

function text(value: unknown): string {
  const json = value === undefined ? 'nothing' : JSON.stringify(value);
  return json.length > shownChars ? `${json.slice(0, shownChars - 1)}…` : json;
}
