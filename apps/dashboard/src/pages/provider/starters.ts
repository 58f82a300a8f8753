/** Definitions to start from: each is complete, passes as it is, and says in comments what to put in its place. */
export type Starter = { readonly id: string; readonly title: string; readonly about: string; readonly yaml: string };

const head = (name: string) => `display_name: ${name}
# Shown in lists: crm, erp, hr, other, …
categories: [other]
# Where the API is documented.
docs: https://developers.example.com/docs
`;

const apiKey = `${head('Acme')}auth_mode: API_KEY
credentials:
  apiKey:
    type: string
    title: API key
    description: Where your users find it, such as under Settings, API.
    secret: true
proxy:
  base_url: https://api.example.com
  headers:
    # What users enter takes the place of \${apiKey}.
    authorization: Bearer \${apiKey}
  # A request that changes nothing, to try a key with:
  # verification:
  #   endpoints: [/v1/me]
`;

const oauth2 = `${head('Acme')}auth_mode: OAUTH2
authorization_url: https://login.example.com/oauth/authorize
token_url: https://login.example.com/oauth/token
scope_separator: ' '
# Asked for unless the integration has scopes of its own.
default_scopes: [read]
proxy:
  base_url: https://api.example.com
`;

const basic = `${head('Acme')}auth_mode: BASIC
connection_config:
  # Asked of each user; \${connectionConfig.subdomain} reads it.
  subdomain:
    type: string
    title: Subdomain
    description: What comes before .example.com in the address of your account.
    example: acme
    pattern: ^[a-z0-9-]+$
    suffix: .example.com
credentials:
  username:
    type: string
    title: User name
    description: The name you sign in with.
  password:
    type: string
    title: Password
    description: The password that goes with it.
    secret: true
proxy:
  base_url: https://\${connectionConfig.subdomain}.example.com
`;

const mcp = `${head('Acme (MCP)')}auth_mode: MCP_OAUTH2
# The client is registered automatically (RFC 7591).
client_registration: dynamic
registration_url: https://mcp.example.com/register
authorization_url: https://mcp.example.com/authorize
token_url: https://mcp.example.com/token
proxy:
  base_url: https://mcp.example.com
  headers:
    accept: application/json, text/event-stream
`;

const extend = `# Begins from another provider and says only what differs; null takes something away.
extends: gitlab
display_name: GitLab (our own)
authorization_url: https://gitlab.example.com/oauth/authorize
token_url: https://gitlab.example.com/oauth/token
proxy:
  base_url: https://gitlab.example.com/api/v4
`;

export const starters: readonly Starter[] = [
  { id: 'oauth2', title: 'OAuth 2', about: 'People sign in at the vendor and consent.', yaml: oauth2 },
  { id: 'api-key', title: 'API key', about: 'People enter a key; it goes into a header.', yaml: apiKey },
  { id: 'basic', title: 'User name and password', about: 'Sent as Basic, here with a subdomain for each.', yaml: basic },
  { id: 'mcp', title: 'MCP server', about: 'A server that registers clients by itself.', yaml: mcp },
  { id: 'extend', title: 'Another provider', about: 'One of the catalogue with other addresses, say.', yaml: extend },
];
