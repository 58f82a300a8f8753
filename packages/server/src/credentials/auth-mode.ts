/**
 * What every auth mode answers. A new mode is one object of this type in `modes.ts`: nothing else in the platform compares the names.
 * Verbs that talk to a provider get the parts of the World they need; `fields` and `apply` are pure.
 */
import type { Field } from '@bowline/providers/field';
import type { Provider } from '@bowline/providers/provider';
import type { OutboundHeaders, SignedHop } from '../base/outbound.ts';
import type { World } from '../base/world.ts';
import type { Access, IntegrationAccess } from './access.ts';
import type { Credentials } from './credentials.ts';

export type AuthWorld = Pick<World, 'outbound' | 'clock' | 'random'>;
export type SigningWorld = Pick<World, 'clock' | 'random'>;
export type ConnectionConfig = Readonly<Record<string, unknown>>;

/** An OAuth client, or a refresh token, that one connection brings along instead of the integration's. */
export type Override = { readonly clientId?: string; readonly clientSecret?: string; readonly refreshToken?: string };

export type Start = {
  readonly integration: IntegrationAccess;
  readonly connectionConfig: ConnectionConfig;
  readonly redirectUri: string;
  /** Comes back with the callback; the caller makes it unguessable and uses it once. */
  readonly state: string;
  /** Instead of the integration's. */
  readonly scopes?: readonly string[];
  /** Added to the authorize URL; the text `undefined` takes one of the provider's away. */
  readonly authorizationParams?: Readonly<Record<string, string>>;
  readonly override?: Override;
  /** Address of the document that describes our client (OAuth Client ID Metadata Document); absent where we have no public https address. */
  readonly clientMetadataUrl?: string;
};

/** What `start` wants back at `finish`: a PKCE verifier, a request token's secret, what was discovered. Kept sealed with the state. */
export type Kept = Readonly<Record<string, string>>;

export type Started =
  /** The person is sent to `url`. */
  | { readonly kind: 'redirect'; readonly url: string; readonly kept: Kept }
  /** The form of `fields` is what to ask for. */
  | { readonly kind: 'form' }
  /** The person installs us on the provider's own pages, and its webhook completes what is granted here. */
  | { readonly kind: 'pending'; readonly granted: Granted };

export type Finish = {
  readonly integration: IntegrationAccess;
  readonly connectionConfig: ConnectionConfig;
  /** The configuration of the connection that is repaired, for what must not change with it. */
  readonly previous?: ConnectionConfig;
  readonly override?: Override;
  readonly answer:
    | {
        readonly kind: 'callback';
        readonly query: Readonly<Record<string, string>>;
        readonly redirectUri: string;
        readonly kept: Kept;
      }
    | { readonly kind: 'form'; readonly values: Readonly<Record<string, unknown>> }
    /** The provider tells of the installation by a webhook instead of sending the person back. */
    | { readonly kind: 'webhook'; readonly body: WebhookBody; readonly pending: Credentials };
};

export type WebhookBody = Readonly<Record<string, unknown>>;

/** `connectionConfig` is the whole new configuration: the given one plus what the provider told. */
export type Granted = {
  readonly credentials: Credentials;
  readonly connectionConfig: ConnectionConfig;
  /**
   * The provider will say later that it is done (an owner must approve the installation, say): nothing can be called yet.
   * `awaits` is what `completes` reads from the webhook that says so.
   */
  readonly pending?: { readonly awaits: string };
  /** Names the account at the provider, where it tells: a reconnect may demand the same one. */
  readonly account?: string;
};

/** A client to register at the provider (RFC 7591). */
export type Registration = {
  readonly provider: Provider;
  readonly redirectUri: string;
  /** What people see who are asked to consent. */
  readonly clientName: string;
};
export type NewClient = { readonly id: string; readonly secret: string };

/** What authentication adds to a request. Header names in lower case. */
export type Applied = {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Mutual TLS: what we present, as PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
};

/**
 * Stores what a refresh has so far, for one that asks more than once: a refresh token that the first answer replaced must not depend on
 * the second. Until the end nobody uses what is kept.
 */
export type Keep = (interim: Credentials) => Promise<void>;

export type AuthMode = {
  /** What an end user is asked for, before what the provider fills itself is taken out. `custom`: the integration's settings, which may answer some. */
  readonly fields: (
    provider: Provider,
    custom?: IntegrationAccess['custom'],
  ) => {
    readonly connectionConfig: Record<string, Field>;
    readonly credentials: Record<string, Field>;
  };
  /** @throws CredentialsError */
  readonly start: (world: AuthWorld, input: Start) => Promise<Started>;
  /** @throws CredentialsError */
  readonly finish: (world: AuthWorld, input: Finish) => Promise<Granted>;
  /** New credentials for expired ones; those that cannot expire come back as they are. @throws CredentialsError with its `kind` */
  readonly refresh: (world: AuthWorld, access: Access, keep?: Keep) => Promise<Granted>;
  /** Whether these credentials can be renewed without the person. Some only where a caller insists (`forced`). */
  readonly renews: (access: Pick<Access, 'credentials' | 'integration'>, how?: { readonly forced?: boolean }) => boolean;
  readonly apply: (access: Access) => Applied;
  /** For modes whose client we register ourselves: undefined where the developer brings it. @throws CredentialsError */
  readonly register?: (world: AuthWorld, registration: Registration) => Promise<NewClient | undefined>;
  /** Servers of this mode may read what our client is from its address. */
  readonly describesClient?: true;
  /** Which pending connection a webhook of the provider completes; undefined for every other webhook. Pure. */
  readonly completes?: (provider: Provider, body: WebhookBody) => string | undefined;
  /**
   * What becomes of a second connection to the same account through one integration: `merged` into the first, or `refused`.
   * For modes whose account the browser names: what it says must not open another's.
   */
  readonly sameAccount?: 'merged' | 'refused';
  /** Where the wire has the credentials in another form than they are stored: parts of it stand in the configuration. Pure. */
  readonly shown?: (credentials: Credentials) => { readonly credentials: Credentials; readonly connectionConfig: ConnectionConfig };
  /** A token that the app signs for itself, for callers who ask for one. */
  readonly appToken?: (world: Pick<AuthWorld, 'clock'>, integration: IntegrationAccess) => Promise<string>;
  /** For modes that sign the whole request: headers that go over all others, made anew for each attempt and each redirect. */
  readonly sign?: (world: SigningWorld, access: Access, request: SignedHop) => OutboundHeaders;
  /** Whether the signature covers the body of this request, so that one that streams by must be held first. Absent: never. */
  readonly signsBody?: (access: Access, request: Pick<SignedHop, 'headers'>) => boolean;
};

/** The start of every mode that asks with a form. */
export const asksWithForm = async (): Promise<Started> => ({ kind: 'form' });

/** The refresh of every mode whose credentials last until somebody revokes them. */
export const staysAsIs = async (_world: AuthWorld, access: Access): Promise<Granted> => ({
  credentials: access.credentials,
  connectionConfig: access.connectionConfig,
});

export const never = () => false;
export const always = () => true;

/** The fields of a provider as its file declares them. */
export const declaredFields: AuthMode['fields'] = (provider) => ({
  connectionConfig: provider.connection_config ?? {},
  credentials: provider.credentials ?? {},
});
