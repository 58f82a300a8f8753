/**
 * A quirk: what a vendor does in its own way and no key of its catalogue file can say. Every part is optional, and most are data.
 * The catalogue names one by `quirk` (token requests), `post_connection_script` and `pre_connection_deletion_script`.
 */
import type { JsonObject } from '@bowline/api/fields';
import type { Access, IntegrationAccess } from '../access.ts';
import type { AuthWorld, ConnectionConfig } from '../auth-mode.ts';
import type { Oauth2Credentials } from '../credentials.ts';
import type { Client, CodeGrantProvider } from '../grant.ts';
import type { TokenAnswer } from '../token.ts';
import type { TokenCall } from '../token-request.ts';

export type Quirk = {
  /** The request that exchanges a code, made of the one that the catalogue's data makes. Pure. */
  readonly exchange?: Reshape;
  /** The same for the request that renews a token. */
  readonly refresh?: Reshape;
  /** Puts an answer into the standard's form, an error that came with status 200 too; undefined when it cannot be read. Pure. */
  readonly read?: (text: string, about: About) => TokenAnswer | undefined;
  /** Asks on with the token that was answered: for one that lives longer, for a session, for a second token. */
  readonly further?: (asking: Asking, answer: TokenAnswer) => Promise<TokenAnswer>;
  /** Without a refresh token: the access token renews itself, always or only when a caller insists. */
  readonly renews?: 'without-refresh-token' | 'when-forced';
  /** Runs after a connection was made, and may run again. What it throws never harms the connection. */
  readonly afterConnect?: (api: Api) => Promise<Told>;
  /** Runs before a connection is deleted. */
  readonly beforeDelete?: (api: Api) => Promise<void>;
};

export type Reshape = (call: TokenCall, about: About) => TokenCall | Promise<TokenCall>;

/** One token request: who asks, for which connection. */
export type About = {
  readonly integration: IntegrationAccess;
  readonly provider: CodeGrantProvider;
  readonly client: Client;
  readonly connectionConfig: ConnectionConfig;
  /** Of the callback; empty in a refresh. */
  readonly query: Readonly<Record<string, string>>;
  /** Where the person came back to; absent in a refresh. */
  readonly redirectUri?: string;
  /** What is being renewed; absent while a code is exchanged. */
  readonly previous?: Oauth2Credentials;
  readonly now: Date;
  readonly random: () => string;
};
export type Asking = About & { readonly world: AuthWorld };

/** What a look-up learned. */
export type Told = {
  /** Into the connection's configuration; a value that is undefined is left out. */
  readonly config?: Readonly<Record<string, JsonObject[string] | undefined>>;
  /** Taken out of it: what was only needed to connect. */
  readonly remove?: readonly string[];
  /** Names the account at the provider. */
  readonly account?: string | undefined;
};

/** A connection's own API, called as through the proxy. */
export type Api = {
  readonly access: Access;
  /**
   * The answer's JSON.
   * @param at a path below the base URL, or a whole address for what a vendor keeps elsewhere
   * @throws for any answer but 2xx
   */
  readonly request: (at: string, request?: ApiRequest) => Promise<unknown>;
};
export type ApiRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly json?: unknown;
  /** Of a list each value, under the same name. */
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  /** Over those of the provider; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
};
