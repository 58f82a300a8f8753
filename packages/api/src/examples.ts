/**
 * Examples of all public routes, for openapi.json. None can be missing. They stand beside the routes and not in them, so that programs
 * that only call the API, such as the dashboard, do not carry them.
 */
import { examplesOfCaptures } from './examples/captures.ts';
import { examplesOfConnections } from './examples/connections.ts';
import type { Example, Examples, Resources } from './examples/example.ts';
import { examplesOfFunctions } from './examples/functions.ts';
import { examplesOfHistory } from './examples/history.ts';
import { examplesOfIntegrations } from './examples/integrations.ts';
import { examplesOfRecordHistory } from './examples/record-history.ts';
import { examplesOfRuns } from './examples/runs.ts';
import { examplesOfSubscriptions } from './examples/subscriptions.ts';
import { examplesOfWebhooks } from './examples/webhooks.ts';

const examples: Examples<keyof Resources> = {
  ...examplesOfCaptures,
  ...examplesOfWebhooks,
  ...examplesOfConnections,
  ...examplesOfFunctions,
  ...examplesOfHistory,
  ...examplesOfIntegrations,
  ...examplesOfRecordHistory,
  ...examplesOfRuns,
  ...examplesOfSubscriptions,
};
const byId = new Map<string, Example>(
  Object.entries(examples).flatMap(([resource, routes]) =>
    Object.entries<Example>(routes).map(([name, one]) => [`${resource}.${name}`, one] as const),
  ),
);

/** @param id resource and name of the route: `records.list` */
export function exampleOf(id: string): Example {
  return byId.get(id) ?? {};
}
