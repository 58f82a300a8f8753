/** Scope: who calls and what they may see. Every verb on a tenant's data takes it second, and every statement names its environment. */

/** An environment as a caller's scope carries it. */
export type EnvironmentScope = {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly accountId: number;
};

export type Scope = {
  readonly environment: EnvironmentScope;
  /** What the caller was granted, in the notation of @bowline/api/scopes. */
  readonly grants: readonly string[];
  /** Whose requests these count as, such as `key 7`; absent for callers that are not limited. */
  readonly countedAs?: string;
  /** Who it is, for histories; absent where nobody asked. */
  readonly caller?: NamedCaller;
};
/** As it is called now: a history keeps the name, since keys and members go. */
export type NamedCaller = { readonly type: 'api_key' | 'member'; readonly name: string };
/** Of an account's key: it manages environments, and sees nothing in them. */
export type AccountScope = {
  readonly accountId: number;
  readonly grants: readonly string[];
  readonly countedAs?: string;
};
export type SessionScope = Scope & {
  readonly sessionId: number;
  /** Keys of the integrations that the session allows; null for all. */
  readonly allowedIntegrations: readonly string[] | null;
};
export type MemberScope = Scope & { readonly member: { readonly id: number; readonly email: string; readonly name: string } };

/** What each caller of the contract brings to its handler. */
export type Scopes = {
  public: undefined;
  apiKey: Scope;
  accountKey: AccountScope;
  connectSession: SessionScope;
  connectSessionOrExpired: SessionScope;
  connectSessionOrApiKey: Scope & Partial<SessionScope>;
  connectSessionInQuery: SessionScope;
  member: MemberScope;
};

/** The platform's own work on an environment's behalf: jobs, schedules. */
export function internalScope(environment: EnvironmentScope): Scope {
  return { environment, grants: ['environment:*'] };
}
