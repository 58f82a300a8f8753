/** What the gates of the catalogue say, and where in a definition they look. */
import type { Field } from '../field.ts';
import type { ProviderDefinition } from '../provider.ts';

/** A key path such as `proxy.base_url`, and what to do there. */
export type Finding = { readonly path: string; readonly message: string };

/** A rule: what it finds in one definition. Pure. */
export type Gate = (definition: ProviderDefinition) => Finding[];

/** Every field that somebody fills, with its key path. */
export function fieldsOf(definition: ProviderDefinition): [path: string, field: Field][] {
  const { connection_config, credentials, integration_config } = definition;
  const assertion_option = 'assertion_option' in definition ? definition.assertion_option : undefined;
  return Object.entries({ connection_config, credentials, integration_config, assertion_option }).flatMap(([group, fields]) =>
    Object.entries(fields ?? {}).map(([name, field]): [string, Field] => [`${group}.${name}`, field]),
  );
}
