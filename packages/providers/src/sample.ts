/**
 * Made-up values that a field accepts, and templates filled with them: what the gates and the tests of the catalogue try entries with.
 * Pure.
 */
import { type Field, refuseValue } from './field.ts';
import { sampleOf } from './pattern-sample.ts';
import type { ProviderDefinition } from './provider.ts';
import { placeholders } from './template.ts';
import { fillUrl } from './url-template.ts';

const uuid = '7b6a1c8e-3f2d-4e5a-9b8c-1d2e3f4a5b6c';
/** Tried where a pattern says little, or nothing. */
const candidates = ['sample', '1234567', uuid, 'sample.example.com', 'https://sample.example.com', 'someone@example.com'];

/** A value that the field accepts, its own example first; undefined when none of those we know is of its form. */
export function sampleValue(field: Field): string | undefined {
  const takes = (value: string | undefined) => value !== undefined && value !== '' && refuseValue(field, value) === undefined;
  const own = [field.example, field.default_value, ...(field.enum ?? []), ...byFormat(field), ...candidates].find(takes);
  if (own !== undefined || field.pattern === undefined) return own;
  const made = sampleOf(field.pattern);
  return takes(made) ? made : undefined;
}

function byFormat({ format }: Field): string[] {
  return format === 'uri' ? ['https://sample.example.com'] : format === 'hostname' ? ['sample.example.com'] : [];
}

/** Where a placeholder's field is declared. */
export function fieldOf(definition: ProviderDefinition, placeholder: string): { path: string; field: Field } | undefined {
  const [root = '', ...rest] = placeholder.replace(/^connection_config\./, 'connectionConfig.').split('.');
  const name = rest.join('.');
  const group = groups[root];
  const [key, fieldName] = group ? [group, name] : (['credentials', root] as const);
  const fields =
    key === 'assertion_option' ? ('assertion_option' in definition ? definition.assertion_option : undefined) : definition[key];
  const field = fields && Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
  return field && { path: `${key}.${fieldName}`, field };
}

const groups: Readonly<Record<string, 'connection_config' | 'integration_config' | 'credentials' | 'assertion_option'>> = {
  connectionConfig: 'connection_config',
  integrationConfig: 'integration_config',
  credentials: 'credentials',
  assertionOption: 'assertion_option',
};

/** The URL that a template makes with a sample of each of its fields, as `fillUrl` makes it. */
export function sampleUrl(definition: ProviderDefinition, template: string) {
  const values: Record<string, Record<string, string> | string> = {};
  for (const name of placeholders(template)) {
    const field = fieldOf(definition, name)?.field;
    const leads = template.split('||').some((side) => side.trim().startsWith(`\${${name}}`));
    const own = field && sampleValue(field);
    // What the provider tells is known by no example, and where a template begins with it, it is an address.
    const told = leads && (field?.automated ?? true) && !/^https?:/.test(own ?? '');
    const value = told ? 'https://sample.example.com' : (own ?? 'sample');
    const [root = '', ...rest] = name.replace(/^connection_config\./, 'connectionConfig.').split('.');
    const inner = values[root];
    if (rest.length === 0) values[root] = value;
    else values[root] = { ...(typeof inner === 'object' ? inner : {}), [rest.join('.')]: value };
  }
  return fillUrl(template, { values, random: () => uuid });
}
