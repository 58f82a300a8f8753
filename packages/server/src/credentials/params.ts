/** Fills a provider's map of parameters. One whose only lack is an optional field is left out; any other lack is an error. Pure. */
import type { Provider } from '@bowline/providers/provider';
import { fillTemplate, type TemplateScope } from '@bowline/providers/template';
import { CredentialsError } from './failure.ts';

type Fields = Provider['connection_config'];
type Declaring = Pick<Provider, 'connection_config' | 'integration_config'> & {
  readonly credentials?: Fields;
  readonly assertion_option?: Fields;
};

/** @throws CredentialsError `url_param_err` naming the placeholders without a value */
export function fillParams(
  params: Readonly<Record<string, string>> | undefined,
  provider: Declaring,
  scope: TemplateScope,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params ?? {}).flatMap(([name, template]) => {
      const text = fillParam(name, template, { provider, scope });
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

type Filling = { readonly provider: Declaring; readonly scope: TemplateScope };
export type Nested = string | number | boolean | null | readonly Nested[] | { readonly [name: string]: Nested };

/** The same at any depth: texts are templates, everything else is copied. @throws CredentialsError `url_param_err` */
export function fillNested(params: Readonly<Record<string, Nested>>, filling: Filling): Record<string, Nested> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => {
      const filled = fillValue(name, value, filling);
      return filled === undefined ? [] : [[name, filled]];
    }),
  );
}

function fillValue(name: string, value: Nested, filling: Filling): Nested | undefined {
  if (typeof value === 'string') return fillParam(name, value, filling);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.flatMap((item) => fillValue(name, item, filling) ?? []);
  return fillNested(value, filling);
}

const isList = (value: object): value is readonly Nested[] => Array.isArray(value);

function fillParam(name: string, template: string, { provider, scope }: Filling): string | undefined {
  const { text, unresolved } = fillTemplate(template, scope);
  const missing = unresolved.filter((path) => !optional(provider, path));
  if (missing.length > 0) throw new CredentialsError('url_param_err', `the parameter ${name} has no value for ${missing.join(', ')}`);
  return unresolved.length === 0 ? text : undefined;
}

function optional(provider: Declaring, path: string): boolean {
  const [root, name = ''] = path.split('.', 2);
  switch (root) {
    case 'integrationConfig':
      return provider.integration_config?.[name]?.optional === true;
    case 'credentials':
      return provider.credentials?.[name]?.optional === true;
    case 'assertionOption':
      return provider.assertion_option?.[name]?.optional === true;
    default:
      return provider.connection_config?.[name]?.optional === true;
  }
}
