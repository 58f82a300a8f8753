/**
 * One provider of the catalogue, as its YAML file spells it after `extends` is resolved. Keys are those of the wire
 * (`GET /providers`), so nothing is renamed on the way out. An auth mode allows only the keys it reads: a key that would be
 * silently ignored is refused.
 */
import type { z } from 'zod';
import { type AuthModeName, anyDefinition } from './auth-modes.ts';
import type { Field } from './field.ts';

export type { AuthModeName } from './auth-modes.ts';

/** What a catalogue file holds. The name is the file's. */
export const providerDefinition = anyDefinition.superRefine((definition, context) => {
  if (definition.auth_mode === 'API_KEY' && !definition.credentials?.apiKey) {
    context.addIssue({ code: 'custom', path: ['credentials', 'apiKey'], message: 'is required by auth_mode API_KEY' });
  }
});
export type ProviderDefinition = z.infer<typeof providerDefinition>;
export type Provider = ProviderDefinition & { readonly name: string };
export type ProviderOf<Mode extends AuthModeName> = Extract<Provider, { auth_mode: Mode }>;
export type Oauth2Provider = ProviderOf<'OAUTH2'>;
export type Oauth2ClientCredentialsProvider = ProviderOf<'OAUTH2_CC'>;

/** For our documentation and our verifier; the wire has no such keys. */
const ownFacts = { webhook: undefined, webhook_subscription: undefined, provenance: undefined, sandbox: undefined, notes: undefined };

/** The provider as `GET /providers/:provider` answers it: the definition plus `name` and `logo_url`, every field numbered. */
export function publicProvider(provider: Provider, logoUrl: string) {
  return {
    ...provider,
    ...ownFacts,
    connection_config: numbered(provider.connection_config, 0),
    credentials: numbered(provider.credentials, 100),
    ...('assertion_option' in provider && provider.assertion_option ? { assertion_option: numbered(provider.assertion_option, 200) } : {}),
    ...(provider.integration_config ? { integration_config: numbered(provider.integration_config, 0) } : {}),
    logo_url: logoUrl,
  };
}

/** Credentials are numbered from 100, so that a form shows connection fields first unless a file says otherwise. */
function numbered(map: Record<string, Field> | undefined, from: number): Record<string, Field> {
  return Object.fromEntries(
    Object.entries(map ?? {}).map(([name, field], index) => [name, { ...field, order: field.order ?? from + index }]),
  );
}
