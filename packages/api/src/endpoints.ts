/** Endpoints that functions declare, answered below `/v1` in any method: older clients call functions this way. No route like the others, so it is data of its own. */
import { actions } from './actions.ts';
import type { ProblemCode } from './problems.ts';
import { records } from './records.ts';

/** Those of an action; reading records needs the first two only. */
export const EndpointHeaders = actions.trigger.headers;
export const endpointScopes = { action: 'environment:actions:execute', model: 'environment:records:read' } as const;
export const endpointMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export const endpointProblems: readonly ProblemCode[] = [...new Set([...actions.trigger.problems, ...records.list.problems])];
