/** Judge a definition that an environment gives: all that the catalogue asks of its own files, and that a stranger may not do. */
import type { Issue } from '@bowline/api/problem';
import { problem } from '@bowline/api/problem';
import { type Finding, readDefinition, settleDefinition, type Written } from '@bowline/providers/own-definition';
import type { ProviderDefinition } from '@bowline/providers/provider';
import { unknownQuirks } from '../credentials/quirks/quirks.ts';

/** What this server knows besides. */
export type Known = {
  /** Names of `webhook_routing_script`. */
  readonly webhookScripts: readonly string[];
  /** The operator let requests into a private network, where plain http is common. */
  readonly http: boolean;
};

/** @throws invalid_body when it cannot be read */
export function written(yaml: string): Written {
  const read = readDefinition(yaml);
  if ('findings' in read) throw refused(read.findings);
  return read;
}

/** @returns the definition with what it inherits, or all that is wrong with it */
export function judge(
  read: Written,
  { name, parent, known }: { name: string; parent: ProviderDefinition | undefined; known: Known },
): { readonly definition: ProviderDefinition } | { readonly findings: readonly Finding[] } {
  const settled = settleDefinition(read, { parent, http: known.http });
  if ('findings' in settled) return settled;
  const { definition } = settled;
  const script = definition.webhook_routing_script;
  const unknown = [
    ...unknownQuirks({ ...definition, name }),
    ...(script === undefined || known.webhookScripts.includes(script)
      ? []
      : [{ path: 'webhook_routing_script', message: `there is none "${script}"; there are ${known.webhookScripts.join(', ')}` }]),
  ].map(({ path, message }) => ({ path: [path], message, ...read.placeOf([path]) }));
  return unknown.length > 0 ? { findings: unknown } : settled;
}

const SHOWN_MAX = 5;

/** Every finding is in `errors`; the message says the first of them. */
export function refused(findings: readonly Finding[]) {
  const errors = findings.map(({ path, message, line, column }): Issue => {
    const place = line === undefined || column === undefined ? {} : { line, column };
    return { code: 'custom', message, path: [...path], ...place };
  });
  const more = errors.length > SHOWN_MAX ? ` (and ${errors.length - SHOWN_MAX} more)` : '';
  return problem('invalid_body', {
    message: `The definition does not fit: ${errors.slice(0, SHOWN_MAX).map(inWords).join('; ')}${more}`,
    errors,
  });
}

function inWords({ path, message, line }: Issue): string {
  const text = path.length > 0 ? `${path.join('.')}: ${message}` : message;
  return line === undefined ? text : `line ${line}: ${text}`;
}

/** In one line, for where a finding is not of the text that was sent. */
export function firstOf([first]: readonly Finding[]): string {
  return first ? [first.path.join('.'), first.message].filter(Boolean).join(': ') : '';
}
