/** Every placeholder a provider's templates read must be declared, so that a misspelt one is found at start and not by an end user. */
import type { Finding } from './gates/finding.ts';
import { isMoment } from './moment.ts';
import type { ProviderDefinition } from './provider.ts';
import { requestValues } from './request-values.ts';
import { isOfSubscription } from './subscription.ts';
import { placeholders } from './template.ts';

const free = new Set([
  'apiKey',
  'accessToken',
  'refreshToken',
  'refresh_token',
  'clientId',
  'clientSecret',
  'token',
  'username',
  'password',
  'scopes',
  'random',
]);

/** Only a header is filled when the rest of its request is known. */
const isOfRequest = (name: string, path: string) => path.startsWith('proxy.headers.') && Object.hasOwn(requestValues, name);

/** One finding for each placeholder that nothing declares. */
export function checkTemplates(definition: ProviderDefinition): Finding[] {
  const declared = new Set(free);
  const add = (root: string, names: Iterable<string>) => {
    for (const name of names) declared.add(`${root}.${name}`);
  };
  add('connectionConfig', Object.keys(definition.connection_config ?? {}));
  add('integrationConfig', Object.keys(definition.integration_config ?? {}));
  add('credentials', Object.keys(definition.credentials ?? {}));
  add('credentials', ['username', 'password', 'access_token', 'token', 'apiKey', 'client_id', 'client_secret']);
  for (const [root, names] of ofMode(definition)) add(root, names);
  if ('token_response_metadata' in definition) add('connectionConfig', definition.token_response_metadata ?? []);
  if ('webhook_response_metadata' in definition) add('connectionConfig', definition.webhook_response_metadata ?? []);
  if ('redirect_uri_metadata' in definition) add('connectionConfig', definition.redirect_uri_metadata ?? []);
  return templatesOf(definition).flatMap(([path, template]) =>
    placeholders(template)
      .map((name) => name.replace(/^connection_config\./, 'connectionConfig.'))
      .filter(
        (name) =>
          !declared.has(name) &&
          !name.startsWith('metadata.') &&
          !readsEarlierStep(name, path) &&
          !isMoment(name) &&
          !isOfSubscription(name, path) &&
          !isOfRequest(name, path),
      )
      .map((name) => ({
        path,
        message: `\${${name}} is not declared; a placeholder reads a field of connection_config, integration_config or credentials, metadata.x, or one of ${[...free].join(', ')}`,
      })),
  );
}

/** What a mode fills in beside the fields of its forms. */
function ofMode(definition: ProviderDefinition): [root: string, names: readonly string[]][] {
  if (definition.auth_mode === 'BILL') return [['credentials', ['organization_id', 'dev_key', 'session_id', 'user_id']]];
  if (definition.auth_mode !== 'TWO_STEP') return [];
  return [
    // What the developer leaves out of the integration, the person is asked for.
    ['credentials', Object.keys(definition.integration_config ?? {})],
    ['credentials', definition.assertion ? ['assertion'] : []],
    ['credentials', definition.token_response_headers ? ['_cookies', ...definition.token_response_headers] : []],
    ['assertionOption', Object.keys(definition.assertion_option ?? {})],
  ];
}

/** `step1.path` reads the answer of the first request. Only a later one can, and what comes after all of them. */
function readsEarlierStep(name: string, at: string): boolean {
  const step = Number(/^step(\d+)\./.exec(name)?.[1] ?? 0);
  const reader = Number(/^additional_steps\.(\d+)\./.exec(at)?.[1] ?? -1);
  return step >= 1 && step <= reader + 1;
}

/** Human-facing texts and field definitions are no templates: a default value may well spell `${apiKey}`. */
function templatesOf(definition: ProviderDefinition): [path: string, template: string][] {
  const { connection_config, credentials, integration_config, ...rest } = definition;
  const { assertion_option, ...templates } = { assertion_option: undefined, ...rest };
  return strings(templates, '');
}

function strings(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return value.includes('${') ? [[path, value]] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => strings(inner, path === '' ? key : `${path}.${key}`));
}
