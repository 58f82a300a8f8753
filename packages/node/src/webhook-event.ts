/** What the server sends to a backend, by `type`. Types only. */

type Named = { from: string; connectionId: string; providerConfigKey: string };
type Failure = { type: string; description: string };

/** A connection was made, repaired, or could not be refreshed. */
export type AuthWebhook = Named & {
  type: 'auth';
  operation: 'creation' | 'override' | 'refresh' | 'unknown';
  success: boolean;
  provider: string;
  authMode: string;
  environment: string;
  tags?: { [name: string]: string };
  endUser?: {
    endUserId: string;
    endUserEmail?: string | null;
    organizationId?: string;
    tags: { [name: string]: string };
  };
  error?: Failure;
};

/** A sync has ended: with changes to read, or with an error. */
export type SyncWebhook = Named & {
  type: 'sync';
  syncName: string;
  syncVariant: string;
  model: string;
  syncType: 'INITIAL' | 'INCREMENTAL' | 'WEBHOOK';
} & (
    | {
        success: true;
        modifiedAfter: string;
        queryTimeStamp: string | null;
        responseResults: { added: number; updated: number; deleted: number };
        checkpoints?: unknown;
      }
    | { success: false; error: Failure; startedAt: string; failedAt: string }
  );

/** An asynchronous action has ended: read its output with `getAsyncActionResult(event.payload)`. */
export type AsyncActionWebhook = Named & { type: 'async_action'; payload: { id: string; statusUrl: string } };

/** A webhook of the provider, handed on. */
export type ForwardWebhook = Omit<Named, 'connectionId'> & { type: 'forward'; connectionId?: string; payload: unknown };

export type WebhookEvent = AuthWebhook | SyncWebhook | AsyncActionWebhook | ForwardWebhook;
