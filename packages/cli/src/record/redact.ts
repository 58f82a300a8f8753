/** Takes secrets out of a draft: each gets a stand-in (`@bowline/compile/stand-ins`). Pure. */
import { isSecretName } from '@bowline/compile/secret-names';
import { looksMade, StandIns } from '@bowline/compile/stand-ins';
import type { Draft } from './draft.ts';

export type Redacted = {
  draft: Draft;
  /** How many values have a stand-in now. */
  replaced: number;
  /** Those that were looked for. */
  secrets: readonly string[];
};

/** @param known what grants access, to be looked for though the function did not ask for it */
export function redact(draft: Draft, known?: unknown): Redacted {
  const secrets = new StandIns();
  secrets.collectCredentials(known);
  for (const { request, headers } of draft.exchanges) {
    secrets.collectHeaders(request.headers ?? {});
    secrets.collectHeaders(headers);
    if (typeof request.params === 'object') secrets.collect(request.params);
  }
  secrets.collectCredentials(draft.connection?.credentials);
  if (typeof draft.token === 'string') secrets.add(draft.token, 'token');
  else secrets.collectCredentials(draft.token);
  for (const { name, value } of draft.variables ?? []) if (isSecretName(name) || looksMade(value)) secrets.add(value, name);
  secrets.collect(draft);
  const variables = draft.variables?.map(({ name, value }) => ({
    name,
    value: secrets.replace(value, isSecretName(name) ? name : undefined),
  }));
  // What names the run is no secret, even where a user name is the same word.
  const { kind, clock, connectionId, provider, variant } = draft;
  const clean = { ...secrets.replaced(draft), kind, clock, connectionId, provider, variant };
  return {
    draft: { ...clean, ...(variables ? { variables } : {}) },
    replaced: secrets.used.size,
    secrets: secrets.values(),
  };
}
