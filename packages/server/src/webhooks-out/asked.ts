/** Whether a completed sync is worth a webhook, as a condition: so that a run whose news nobody wants costs no job that finds that out. */
import { type RawBuilder, sql } from 'kysely';
import { hasOwnWebhookUrl } from '../connections/find.ts';
import { hasWebhookUrl, wantsEveryCompletion } from '../environments/settings.ts';
import { hasEndpoint } from './endpoint.ts';

/** What is decided when the event is heard; an environment's own endpoints are asked only then. @param payload of the event, as jsonb */
export const asksForCompletion = (
  { environmentId, connectionId }: { environmentId: number; connectionId: number },
  payload: RawBuilder<unknown>,
) => sql`
  (${hasEndpoint(environmentId)} or ((${hasWebhookUrl(environmentId)} or ${hasOwnWebhookUrl(environmentId, connectionId)})
   and (exists (select from jsonb_each(${payload} -> 'responseResults') counted where counted.value > '0') or ${wantsEveryCompletion(environmentId)})))`;
