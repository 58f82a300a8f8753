/** Messages of several operations as they come, for whoever follows them. */
import type { FollowedMessage, Operation as WireOperation } from '@bowline/api/logs';
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { type Operation, operationColumns, wireOperation } from './read.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
type Message = Omit<FollowedMessage, 'at' | 'operation_id'> & { readonly at: Date; readonly operationId: string };
type Followed = { operations: WireOperation[]; messages: FollowedMessage[]; nextCursor: string | null };

/**
 * The operations are read first: an end is stored together with the messages before it, so of one that has ended all messages are there.
 * @param after id of a message; of every operation, only those behind it
 */
export async function readMessages(
  { db }: Pick<World, 'db'>,
  { environment }: InEnvironment,
  { ids, after = '0', limit }: { ids: readonly string[]; after?: string | undefined; limit: number },
): Promise<Followed> {
  const operations = await many<Operation>(
    db,
    sql`select ${operationColumns} from operations where environment_id = ${environment.id} and id = any(${[...ids]}::text[]) order by id`,
  );
  const messages = await many<Message>(
    db,
    sql`select m.id::text as id, m.operation_id, m.at, m.level, m.kind, m.message, m.meta
        from operation_messages m join operations o on o.id = m.operation_id
        where o.environment_id = ${environment.id} and m.operation_id = any(${operations.map(({ id }) => id)}::text[]) and m.id > ${after}::bigint
        order by m.id limit ${limit + 1}`,
  );
  const page = messages.slice(0, limit);
  return {
    operations: operations.map(wireOperation),
    messages: page.map(({ operationId, at, ...message }) => ({ ...message, at: at.toISOString(), operation_id: operationId })),
    nextCursor: messages.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}
