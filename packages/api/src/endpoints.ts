/** Endpoints that functions declare, answered below `/v1` in any method: older clients call functions this way. No route like the others, so it is data of its own. */
import { actions } from './actions.ts';
import type { Route } from './route.ts';

/** Those of an action; reading records needs the first two only. */
export const EndpointHeaders = actions.trigger.headers;
export const endpointScopes = { action: 'environment:actions:execute', model: 'environment:records:read' } as const;
export const endpointMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** What an endpoint shares with a route of the contract. Which of the scopes it needs is known when it is found. */
export const endpointRoute = {
  method: 'POST',
  path: '/v1',
  summary: 'Call the function that declares this endpoint: an action with the body as its input, or read the records of a model',
  caller: 'apiKey',
  scope: [endpointScopes.action, endpointScopes.model],
  headers: EndpointHeaders,
  answer: actions.trigger.answer,
  accepted: actions.trigger.accepted,
  problems: [
    ...actions.trigger.problems,
    // Of a path whose percent signs mean nothing, and of an endpoint that reads records.
    'invalid_uri_params',
    'invalid_query_params',
    'invalid_cursor',
  ],
} as const satisfies Route;
