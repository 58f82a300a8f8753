/** One operation of the activity log with its messages, oldest first. */

import type { JsonObject } from '@bowline/api/fields';
import type { OperationMessage, Operation as WireOperation } from '@bowline/api/logs';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { OperationState, OperationType } from './entry.ts';

export type Operation = {
  readonly id: string;
  readonly type: OperationType;
  readonly action: string;
  readonly state: OperationState;
  readonly title: string;
  readonly integration: string | null;
  readonly provider: string | null;
  readonly connection: string | null;
  readonly function: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly error: string | null;
  readonly meta: JsonObject | null;
};
type Message = Omit<OperationMessage, 'at'> & { readonly at: Date };
type InEnvironment = { readonly environment: { readonly id: number } };

export const operationColumns = sql`id, type, action, state, title, integration, provider, connection, function, started_at, ended_at, error, meta`;

/**
 * @param after id of the last message already read
 * @throws not_found, also for an operation of another environment
 */
export async function findOperation(
  { db }: Pick<World, 'db'>,
  { environment }: InEnvironment,
  { id, after, limit }: { id: string; after?: string | undefined; limit: number },
): Promise<{ operation: WireOperation; messages: OperationMessage[]; nextCursor: string | null }> {
  const operation = await one<Operation>(
    db,
    sql`select ${operationColumns} from operations where environment_id = ${environment.id} and id = ${id}`,
  );
  if (!operation) throw problem('not_found', { message: 'There is no such operation; operations are kept for 15 days' });
  const from = after !== undefined && /^\d{1,18}$/.test(after) ? after : '0';
  const messages = await many<Message>(
    db,
    sql`select m.id::text as id, m.at, m.level, m.kind, m.message, m.meta
        from operation_messages m join operations o on o.id = m.operation_id
        where o.environment_id = ${environment.id} and m.operation_id = ${id} and m.id > ${from}::bigint
        order by m.id limit ${limit + 1}`,
  );
  const page = messages.slice(0, limit);
  return {
    operation: wireOperation(operation),
    messages: page.map((message) => ({ ...message, at: message.at.toISOString() })),
    nextCursor: messages.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

export function wireOperation({ startedAt, endedAt, ...operation }: Operation): WireOperation {
  return {
    ...operation,
    started_at: startedAt.toISOString(),
    ended_at: endedAt?.toISOString() ?? null,
    duration_ms: endedAt ? endedAt.getTime() - startedAt.getTime() : null,
  };
}
