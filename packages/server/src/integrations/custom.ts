/** Check what the developer sets on an integration: the provider's `integration_config` fields, or free `custom` texts where it has none. */
import { problem } from '@bowline/api/problem';
import { checkValues } from '@bowline/providers/field';
import type { Provider } from '@bowline/providers/provider';

type Given = { integration_config?: Record<string, string> | undefined; custom?: Record<string, string> | undefined };

/** @returns what to store: `existing` with what was given over it, defaults filled in. @throws invalid_body naming the field */
export function checkCustom(provider: Provider, given: Given, existing: Record<string, string> = {}): Record<string, string> {
  const fields = provider.integration_config;
  if (!fields) {
    if (given.integration_config) throw problem('invalid_body', { message: `${provider.name} has no integration_config; use custom` });
    return { ...existing, ...given.custom };
  }
  if (given.custom) throw problem('invalid_body', { message: `${provider.name} is configured with integration_config, not custom` });
  const merged = { ...existing, ...given.integration_config };
  for (const name of Object.keys(merged)) {
    if (!fields[name]) throw wrong(name, `Not a field of ${provider.name}; there are ${Object.keys(fields).join(', ')}`);
  }
  const { values, refused } = checkValues(fields, merged, { defaults: 'all' });
  if (refused.length > 0) throw problem('invalid_body', { errors: refused.map(({ name, message }) => issue(name, message)) });
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

const issue = (field: string, message: string) => ({ code: 'custom', message, path: ['integration_config', field] });

function wrong(field: string, message: string) {
  return problem('invalid_body', { errors: [issue(field, message)] });
}
