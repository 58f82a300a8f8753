/** Whether a completed sync is worth a webhook, as a condition: so that a run whose news nobody wants costs no job that finds that out. */
import { type RawBuilder, sql } from 'kysely';
import { hasOwnWebhookUrl } from '../connections/find.ts';
import { hasWebhookUrl, wantsEveryCompletion } from '../environments/settings.ts';

/** What `bodyOf` and `addressesOf` decide when the event is heard. @param payload of the event, as jsonb */
export const asksForCompletion = (
  { environmentId, connectionId }: { environmentId: number; connectionId: number },
  payload: RawBuilder<unknown>,
) => sql`
  ((${hasWebhookUrl(environmentId)} or ${hasOwnWebhookUrl(environmentId, connectionId)})
   and (exists (select from jsonb_each(${payload} -> 'responseResults') counted where counted.value > '0') or ${wantsEveryCompletion(environmentId)}))`;
