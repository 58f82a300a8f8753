/** What a function may read about the connection it runs for. Public fields only; the credentials are those of the auth mode. */
import type { Untyped } from './proxy.ts';

export type FunctionMetadata = Record<string, unknown>;

/** Credentials as stored for the connection's auth mode; check `type` before reading. `raw` is the provider's token answer. */
export type Credentials =
  | {
      type: 'OAUTH2';
      access_token: string;
      refresh_token?: string;
      expires_at?: Date;
      raw: Record<string, Untyped>;
      config_override?: Record<string, string>;
    }
  | { type: 'OAUTH2_CC'; token: string; client_id: string; client_secret: string; expires_at?: Date; raw: Record<string, Untyped> }
  | { type: 'OAUTH1'; oauth_token: string; oauth_token_secret: string; raw: Record<string, Untyped> }
  | { type: 'API_KEY'; apiKey: string }
  | { type: 'BASIC'; username: string; password: string }
  | { type: 'APP' | 'APP_STORE'; access_token: string; expires_at?: Date; raw: Record<string, Untyped> }
  | { type: 'JWT' | 'SIGNATURE' | 'BILL' | 'TWO_STEP'; token?: string; expires_at?: Date; raw?: Record<string, Untyped> }
  | { type: 'CUSTOM' | 'TBA'; raw?: Record<string, Untyped>; token_id?: string; token_secret?: string }
  | { type?: undefined };

export interface EndUser {
  id: string;
  email: string | null;
  display_name?: string | null;
  tags: Record<string, string>;
  organization: { id: string; display_name: string | null } | null;
}

/** `await nango.getConnection()`; memoised for 60 seconds. */
export interface Connection {
  id: number;
  connection_id: string;
  provider: string;
  provider_config_key: string;
  connection_config: Record<string, Untyped>;
  credentials: Credentials;
  metadata: Record<string, Untyped> | null;
  end_user: EndUser | null;
  tags: Record<string, string>;
  errors: { type: string; log_id: string }[];
  created_at: string;
  updated_at: string;
}

export interface ConnectionOptions {
  refreshToken?: boolean;
  refreshGithubAppJwtToken?: boolean;
  forceRefresh?: boolean;
}

/** `await nango.getIntegration()`; memoised for 10 minutes. */
export interface Integration {
  unique_key: string;
  display_name: string;
  provider: string;
  logo: string;
  created_at: string;
  updated_at: string;
  webhook_url?: string | null;
  credentials?: Record<string, Untyped> | null;
}
