/** What an API key of an environment may do. A grant matches exactly, or ends in `:*` and matches everything that starts with what stands before the star. */
export const scopes = [
  'environment:integrations:list',
  'environment:integrations:list_credentials',
  'environment:integrations:read',
  'environment:integrations:read_credentials',
  'environment:integrations:list_functions',
  'environment:integrations:create',
  'environment:integrations:update',
  'environment:integrations:delete',
  'environment:providers:read',
  'environment:providers:write',
  'environment:connections:list',
  'environment:connections:list_credentials',
  'environment:connections:read',
  'environment:connections:read_credentials',
  'environment:connections:create',
  'environment:connections:update',
  'environment:connections:delete',
  'environment:connect_sessions:write',
  'environment:syncs:read',
  'environment:syncs:execute',
  'environment:syncs:update',
  'environment:syncs:variant:create',
  'environment:syncs:variant:delete',
  'environment:functions:list',
  'environment:functions:read',
  'environment:functions:delete',
  'environment:functions:compile',
  'environment:functions:dryrun',
  'environment:functions:invocations',
  'environment:deploy',
  'environment:records:read',
  'environment:records:write',
  'environment:logs:read',
  'environment:captures:read',
  'environment:captures:write',
  'environment:actions:execute',
  'environment:proxy',
  'environment:variables:read',
  'environment:webhook_signing_key:rotate',
  'environment:webhooks:listen',
  'environment:webhooks:read',
  'environment:webhooks:write',
  'environment:events:read',
  'environment:mcp',
] as const;

/** What an account's key may do. */
export const accountScopes = [
  'account:environments:create',
  'account:environments:delete',
  'account:environments:set_production',
  'account:environments:api_keys:create',
  'account:environments:api_keys:delete',
] as const;

export type EnvironmentScope = (typeof scopes)[number];
export type AccountScope = (typeof accountScopes)[number];
export type Scope = EnvironmentScope | AccountScope;

/** `granted(['environment:records:*'], 'environment:records:read')` is true. */
export function granted(grants: readonly string[], required: Scope): boolean {
  return grants.some((grant) => grant === required || (grant.endsWith(':*') && required.startsWith(grant.slice(0, -1))));
}
