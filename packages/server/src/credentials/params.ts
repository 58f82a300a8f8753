/** Fills a provider's map of parameters. One whose only lack is an optional field is left out; any other lack is an error. Pure. */
import type { Provider } from '@bowline/providers/provider';
import { fillTemplate, type TemplateScope } from '@bowline/providers/template';
import { CredentialsError } from './failure.ts';

type Declaring = Pick<Provider, 'connection_config' | 'integration_config'>;

/** @throws CredentialsError `url_param_err` naming the placeholders without a value */
export function fillParams(
  params: Readonly<Record<string, string>> | undefined,
  provider: Declaring,
  scope: TemplateScope,
): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, template] of Object.entries(params ?? {})) {
    const { text, unresolved } = fillTemplate(template, scope);
    const missing = unresolved.filter((path) => !optional(provider, path));
    if (missing.length > 0) throw new CredentialsError('url_param_err', `the parameter ${name} has no value for ${missing.join(', ')}`);
    if (unresolved.length === 0) filled[name] = text;
  }
  return filled;
}

function optional(provider: Declaring, path: string): boolean {
  const [root, name = ''] = path.split('.', 2);
  const fields = root === 'integrationConfig' ? provider.integration_config : provider.connection_config;
  return fields?.[name]?.optional === true;
}
