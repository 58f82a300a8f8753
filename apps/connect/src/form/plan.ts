/** What connecting one integration takes: the form to show, what is decided already, and how it is sent. Pure: from the provider's definition and the session. */
import { type FieldGroup, type FormField, fieldsOf, refusal, startingValues, type Values, valuesOf } from '@bowline/api/form';
import type { Provider, ProviderField } from '@bowline/api/providers';
import type { AuthOptions, Credentials } from '@bowline/browser';
import type { Choice } from '../visit.ts';
import type { Words } from '../words/shape.ts';
import { type BaseName, bases, type How, modeOf, overrides } from './modes.ts';

export type Plan = {
  how: How;
  fields: FormField[];
  values: Values;
  /** The person, or someone at the provider, installs the app there: nothing opens. */
  isOutbound: boolean;
  /** By the app, by field name; secrets are concealed, an empty text is asked. */
  decided: Record<string, string>;
  /** To be entered at the provider before this is sent. */
  externalId: string | undefined;
  /** What the app decided cannot be right, so that nobody can connect. */
  isMisset: boolean;
  /** The provider's definition names a request that tries what was typed. */
  isChecked: boolean;
};

/** How the server writes a secret that the app has set. */
const CONCEALED = '***';

export function planOf(
  provider: Provider,
  choice: Choice,
  { words, isReconnecting }: { words: Words; isReconnecting: boolean },
): Plan | undefined {
  const mode = modeOf(provider.auth_mode);
  if (!mode) return undefined;
  const { preset } = choice;
  const base = (names: readonly BaseName[]) => Object.fromEntries(names.map((name) => [name, baseField(name, words)]));
  const brought = (names: readonly BaseName[]) =>
    Object.fromEntries(
      names.map((name) => [name, { ...baseField(name, words), description: words.hint.optionalOverride, optional: true }]),
    );
  const credentials =
    mode.how === 'popup'
      ? brought(overrides.filter((name) => preset[name] === ''))
      : { ...base(mode.credentials(provider)), ...declared(provider, choice) };
  const groups: FieldGroup[] = ['connection_config', 'credentials', 'assertion_option'];
  const connection_config = { ...base(mode.config ?? []), ...provider.connection_config };
  const fields = fieldsOf(
    { connection_config, credentials: labelled(credentials, choice), assertion_option: provider.assertion_option },
    groups,
  );
  const isDecided = ({ group, name }: FormField) => group === 'connection_config' && Boolean(preset[name]);
  const shown = fields.filter((field) => !isDecided(field) && field.name !== 'external_id');
  return {
    how: mode.how,
    fields: shown,
    values: { ...startingValues(shown), ...configOf(preset) },
    decided: preset,
    isOutbound: provider.installation === 'outbound',
    externalId: mode.externalId && !isReconnecting ? preset.external_id || randomId() : undefined,
    isMisset: fields.filter(isDecided).some((field) => isWrong(field, preset[field.name] ?? '')),
    isChecked:
      Boolean(Object(Object(provider.proxy).verification).endpoints) || typeof provider.credentials_verification_script === 'string',
  };
}

/** As `auth` takes it. */
export function authOptions(plan: Plan, values: Values, authMode: string): AuthOptions {
  const credentials = valuesOf(plan.fields, values, 'credentials');
  const assertionOption = valuesOf(plan.fields, values, 'assertion_option');
  const params = { ...valuesOf(plan.fields, values, 'connection_config'), ...(plan.externalId ? { external_id: plan.externalId } : {}) };
  return {
    ...(Object.keys(params).length > 0 ? { params } : {}),
    // The type lets the package tell apart what has the same names.
    ...(plan.how === 'submit' || plan.isOutbound ? { credentials: { ...credentials, type: authMode } } : {}),
    ...(plan.how === 'popup' && !plan.isOutbound && Object.keys(credentials).length > 0
      ? { credentials: ownClient(plan, credentials) }
      : {}),
    ...(plan.isOutbound ? { installation: 'outbound' } : {}),
    ...(Object.keys(assertionOption).length > 0 ? { assertionOption } : {}),
  };
}

/** The person's part of an OAuth client, with what the app decided of it. The server takes only both or none. */
function ownClient({ decided: set }: Plan, typed: Values): Credentials {
  const known = overrides.flatMap((name) => (set[name] && set[name] !== CONCEALED ? [[name, set[name]] as const] : []));
  return { ...Object.fromEntries(known), ...typed } as Credentials; // names of `overrides` alone, and one of them was typed
}

/** What the definition asks besides or instead; what the integration sets for everybody is not asked, what it left open is. */
function declared(provider: Provider, { integration }: Choice): Record<string, ProviderField> {
  const set = new Set(integration.preconfigured_credentials);
  const open = modeOf(provider.auth_mode)?.asksOpenSettings ? Object.entries(provider.integration_config ?? {}) : [];
  const all = [
    ...open.map(([name, field]) => [name, { ...field, optional: false }] as const),
    ...Object.entries(provider.credentials ?? {}),
  ];
  return Object.fromEntries(all.filter(([name, field]) => !set.has(name) && !field.automated));
}

/** The label of the integration, else of the definition, else ours. A description of another label would mislead. */
function labelled(fields: Record<string, ProviderField>, { integration }: Choice): Record<string, ProviderField> {
  const label = integration.credentials_label?.apiKey;
  const { apiKey } = fields;
  return label && apiKey ? { ...fields, apiKey: { ...apiKey, title: label, description: '' } } : fields;
}

function baseField(name: BaseName, { field, hint }: Words): ProviderField {
  const { hint: hinted, ...facts } = bases[name];
  return { title: field[name], description: hinted ? hint[hinted] : '', ...facts };
}

function isWrong(field: FormField, value: string): boolean {
  return value !== CONCEALED && refusal(field, value) !== undefined;
}

/** Other fields may be shown or not by what was decided. */
function configOf(preset: Record<string, string>): Values {
  const set = Object.entries(preset).filter(([, value]) => value !== '');
  return Object.fromEntries(set.map(([name, value]) => [`connection_config.${name}`, value]));
}

/** 128 bits. Not `randomUUID`, which plain http does not have. */
function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
