/** What pages keep in the query of their address. Values that make no sense are dropped: an address is typed by people, too. */
import { operationStates, operationTypes } from '@bowline/api/logs';
import { deliveryStates } from '@bowline/api/webhook-deliveries';
import { webhookEventNames } from '@bowline/api/webhook-events';
import * as z from 'zod';

const text = z.string().max(255).optional().catch(undefined);

export const SignIn = z.object({ from: text });
export const integrationTabs = ['settings', 'functions', 'webhooks', 'limits', 'guide'] as const;
/** `fn`: the function that is open, as `<type> <name>`. */
export const Integration = z.object({ tab: z.enum(integrationTabs).optional().catch(undefined), fn: text });
export const Connections = z.object({ search: text, integration: text });
export const connectionTabs = ['authorization', 'syncs', 'records'] as const;
export const Connection = z.object({
  tab: z.enum(connectionTabs).optional().catch(undefined),
  model: text,
  variant: text,
  filter: z.enum(['added', 'updated', 'deleted']).optional().catch(undefined),
});
/** An address that was typed may have a number where a text is meant. */
const recordId = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);
const moment = z.iso.datetime().optional().catch(undefined);
/** `at`: the moment that is looked at, in ISO 8601. */
export const Record = z.object({ model: text, variant: text, id: recordId, at: moment });
export const Activity = z.object({
  search: text,
  type: z.enum(operationTypes).optional().catch(undefined),
  state: z.enum(operationStates).optional().catch(undefined),
  integration: text,
  connection: text,
});
export type Activity = z.output<typeof Activity>;
export const Deliveries = z.object({
  event: z.enum(webhookEventNames).optional().catch(undefined),
  state: z.enum(deliveryStates).optional().catch(undefined),
  endpoint: z.uuid().optional().catch(undefined),
  integration: text,
  connection: text,
  from: moment,
  to: moment,
});
export type Deliveries = z.output<typeof Deliveries>;
