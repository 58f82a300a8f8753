/** Who asks whom for tokens: a provider's entry and the client registered there. Also what a mode composes or discovers has this form. */
import type { AuthModeName, Oauth2Provider } from '@bowline/providers/provider';

type OwnOfOauth2 = 'auth_mode' | 'installation' | 'authorization_code_param_in_webhook' | 'webhook_response_metadata' | 'proxy';
/** What of a provider's entry the grant reads; what a mode discovers or composes has this form too. */
export type CodeGrantProvider = Omit<Oauth2Provider, OwnOfOauth2> & { readonly auth_mode: AuthModeName };
/** A public client has an empty secret. */
export type Client = { readonly id: string; readonly secret: string };
export type Grant = { readonly provider: CodeGrantProvider; readonly client: Client };
