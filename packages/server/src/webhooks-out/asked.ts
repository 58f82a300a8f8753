/** Whether a completed sync is worth a webhook, as a condition: so that a run whose news nobody wants costs no job that finds that out. */
import { type RawBuilder, sql } from 'kysely';
import { hasOwnWebhookUrl } from '../connections/find.ts';
import { hasWebhookUrl, wantsEveryCompletion } from '../environments/settings.ts';
import { hasEndpoint } from './endpoint.ts';

type Told = {
  readonly environmentId: RawBuilder<unknown>;
  readonly connectionId: RawBuilder<unknown>;
  readonly payload: RawBuilder<unknown>;
};

/** What is decided when the event is heard; an environment's own endpoints are asked only then. @param payload of the event, as jsonb */
export const asksForCompletion = ({ environmentId, connectionId, payload }: Told) => sql`
  (${hasEndpoint(environmentId)} or ((${hasWebhookUrl(environmentId)} or ${hasOwnWebhookUrl(environmentId, connectionId)})
   and (exists (select from jsonb_each(${payload} -> 'responseResults') counted where counted.value > '0') or ${wantsEveryCompletion(environmentId)})))`;
