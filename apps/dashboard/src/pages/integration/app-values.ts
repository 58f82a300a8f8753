/** What was entered of the app at the provider, checked by the contract's own schema before it is sent. Pure. */
import { IntegrationCredentials, type IntegrationSecrets } from '@bowline/api/integration-credentials';
import type { Provider } from '@bowline/api/providers';
import { type AppFieldName, modeOf } from '../../auth-modes.ts';

export type AppValues = Partial<Record<AppFieldName, string>>;
type Checked = { credentials?: IntegrationCredentials; errors: AppValues };

/** What the integration has. */
export function keptValues(provider: Provider, secrets: IntegrationSecrets | null | undefined): AppValues {
  return Object.fromEntries(modeOf(provider).fields.map(({ name }) => [name, secrets?.[name] ?? '']));
}

/** Without credentials and without errors there are none to send. */
export function checkApp(provider: Provider, values: AppValues, kept: AppValues = {}): Checked {
  const { fields, optional } = modeOf(provider);
  const given = (name: AppFieldName) => values[name] ?? '';
  // A change cannot take away what is there, so emptying it is no way to send nothing.
  const untouched = fields.every(({ name }) => given(name) === '' && !kept[name]);
  if (fields.length === 0 || (optional && untouched)) return { errors: {} };
  const missing = fields.filter((field) => !field.optional && given(field.name) === '');
  const sent = fields.filter(({ name, ofWebhooks }) => (ofWebhooks ? given(name) !== (kept[name] ?? '') : given(name) !== ''));
  const body = { type: provider.auth_mode, ...Object.fromEntries(sent.map(({ name }) => [name, given(name)])) };
  const { data, error } = IntegrationCredentials.safeParse(body);
  const wrong = (error?.issues ?? []).map(({ path, message }) => [path.at(-1), message]);
  const errors = { ...Object.fromEntries(wrong), ...Object.fromEntries(missing.map(({ name, label }) => [name, `${label} is needed`])) };
  return data ? { credentials: data, errors } : { errors };
}
