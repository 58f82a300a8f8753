/** Every problem the platform can answer, as a table. A code, once published, never changes meaning; each has a page in docs/problems. */
export const problems = {
  // The request itself
  invalid_body: { status: 400, title: 'The request body does not match the contract' },
  invalid_query_params: { status: 400, title: 'The query parameters do not match the contract' },
  invalid_headers: { status: 400, title: 'The request headers do not match the contract' },
  invalid_uri_params: { status: 400, title: 'The path parameters do not match the contract' },
  invalid_json: { status: 400, title: 'The request body is not valid JSON' },
  invalid_content_type: { status: 415, title: 'The request body must be sent as application/json' },
  request_too_large: { status: 413, title: 'The request is larger than the server accepts' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  malformed_request: { status: 400, title: 'This is not a valid HTTP request' },
  too_many_request: { status: 429, title: 'Too many requests; wait as long as Retry-After says' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  conflict: { status: 409, title: 'The change conflicts with what exists' },
  server_error: { status: 500, title: 'Something went wrong on our side' },

  // Who is calling
  missing_auth_header: { status: 401, title: 'The Authorization header is missing: send "Authorization: Bearer <API key>"' },
  malformed_auth_header: { status: 401, title: 'The Authorization header holds no token' },
  invalid_secret_key_format: { status: 401, title: 'The API key is not a UUID v4' },
  unknown_account: { status: 401, title: 'No environment and no account has this key' },
  invalid_connect_session_token_format: { status: 401, title: 'The connect session token is malformed' },
  unknown_connect_session_token: { status: 401, title: 'The connect session token is unknown, expired or deleted' },
  missing_public_key: { status: 401, title: 'Send a connect session token as "connect_session_token"' },
  deprecated_authentication: { status: 401, title: 'Public keys are not accepted; make a connect session' },
  signed_out: { status: 401, title: 'Sign in to the dashboard first' },
  wrong_password: { status: 401, title: 'The e-mail address or the password is wrong' },
  too_many_sign_ins: { status: 429, title: 'Too many failed sign-ins; wait a minute' },
  forbidden: { status: 403, title: 'This API key may not do this' },

  // Environments
  invalid_is_prod_flag: { status: 400, title: 'An environment named prod is a production environment' },
  cannot_delete_prod_environment: { status: 400, title: 'The environment named prod cannot be deleted' },

  // Integrations, providers
  unknown_provider_config: { status: 400, title: 'No such integration in this environment' },
  unknown_provider_template: { status: 404, title: 'The catalogue has no such provider' },
  missing_provider_config: { status: 400, title: 'Name the integration: provider_config_key' },
  missing_provider_config_key: { status: 400, title: 'Name the integration: provider_config_key' },

  // Connections and connecting
  unknown_connection: { status: 400, title: 'No such connection in this integration' },
  invalid_credentials: { status: 424, title: 'The credentials could not be refreshed' },
  connection_refresh_exhausted: { status: 424, title: 'Refreshing failed on four different days; the end user must connect again' },
  connection_refresh_backoff: { status: 424, title: 'The last refresh failed moments ago; try again in 30 seconds' },
  refresh_token_external_error: { status: 400, title: 'The provider refused to refresh the credentials' },
  connection_test_failed: { status: 400, title: 'The provider did not accept these credentials' },
  connection_validation_failed: { status: 400, title: 'A validation function refused this connection' },
  integration_not_allowed: { status: 400, title: 'The connect session does not allow this integration' },
  invalid_auth_mode: { status: 400, title: 'This integration connects in another way' },
  invalid_connection: { status: 400, title: 'The connection to repair no longer exists' },
  resource_capped: { status: 400, title: 'A limit of this environment or account is reached' },
  missing_access_token: { status: 400, title: 'Send the access token: access_token' },
  missing_expires_at: { status: 400, title: 'Say when the access token expires: expires_at, expires_in or no_expiration' },
  invalid_expires_at: { status: 400, title: 'This is not a date: expires_at' },
  missing_client_id: { status: 400, title: 'Send the client id' },
  missing_client_secret: { status: 400, title: 'Send the client secret' },
  missing_basic_username: { status: 400, title: 'Send the user name: username' },
  missing_api_key: { status: 400, title: 'Send the API key: api_key' },
  provider_unreachable: { status: 502, title: 'The provider could not be reached' },

  // Functions
  unknown_sync: { status: 400, title: 'No such sync in this integration' },
  no_syncs_found: { status: 400, title: 'No sync of this integration has this name' },
  invalid_variant: { status: 400, title: 'This name is reserved: choose another variant' },
  sync_variant_already_exists: { status: 400, title: 'This connection already has this variant' },
  disabled_resource: { status: 404, title: 'This function is switched off' },
  concurrent_deployment: { status: 409, title: 'Another deployment to this environment is running' },
  invalid_cli_version: { status: 400, title: 'This version of the command is too old' },
  deploy_missing_json_schema_model: { status: 400, title: 'A model has no JSON schema in the deployment' },
  ambiguous_function: { status: 409, title: 'Several functions have this name' },
  function_managed_by_deploy: { status: 400, title: 'This function is deployed from a repository' },
  connection_not_found: { status: 404, title: 'There is no such connection' },
  integration_not_found: { status: 404, title: 'There is no such integration' },
  unknown_function: { status: 404, title: 'The integration has no such function' },
  function_disabled: { status: 403, title: 'This function is switched off' },
  invalid_invocation: { status: 400, title: 'This function cannot be invoked in this way' },
  validation_error: { status: 400, title: 'The request body does not match the contract' },
  compilation_error: { status: 400, title: 'The source does not compile' },
  execution_environment_unavailable: { status: 503, title: 'No sandbox could be started' },
  template_not_found: { status: 404, title: 'The catalogue has no such function' },
  template_already_deployed: { status: 409, title: 'A function of this name is deployed already' },
  invalid_request: { status: 400, title: 'This function cannot be deployed in this way' },
  deployment_not_found: { status: 404, title: 'There is no such deployment' },
  dryrun_not_found: { status: 404, title: 'There is no such dry run' },

  // Runs
  action_script_runtime_error: { status: 500, title: 'The function raised an ActionError' },
  action_script_failure: { status: 500, title: 'The function failed' },
  script_internal_error: { status: 500, title: 'The function threw an error' },
  script_http_error: { status: 424, title: 'A request of the function was refused by the provider' },
  script_network_error: { status: 500, title: 'A request of the function got no answer' },
  script_aborted: { status: 410, title: 'The run was cancelled' },
  script_output_too_large: { status: 400, title: 'The function returned more than 2 MB' },
  invalid_action_input: { status: 400, title: 'The input does not match the schema of the action' },
  invalid_action_output: { status: 400, title: 'The output does not match the schema of the action' },
  invalid_sync_record: { status: 400, title: 'A record does not match its model' },
  execution_timeout: { status: 500, title: 'The function ran longer than it may' },
  function_runtime_out_of_memory: { status: 500, title: 'The function used more memory than it may' },
  function_runtime_other: { status: 500, title: 'The sandbox of the function ended unexpectedly' },
  action_pending: { status: 404, title: 'The action has not finished yet' },

  // Records
  invalid_cursor: { status: 400, title: 'This is not a cursor we issued' },

  // Proxy
  base_url_override_not_allowed: { status: 400, title: 'This host may not be called' },
  missing_api_url: { status: 400, title: 'The provider has no API address; send Base-Url-Override' },
  upstream_unreachable: { status: 502, title: 'The provider did not answer' },
  upstream_timeout: { status: 504, title: 'The provider did not answer in time' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;
