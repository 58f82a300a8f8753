/** One conversation with its messages, of which Intercom gives the latest 500. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { headers, isoOf } from '../search.js';

const Input = z.object({ id: z.string().min(1) });

const Author = z.object({ type: z.string(), id: z.union([z.string(), z.number()]), name: z.string().nullish() });
const Found = z.object({
  id: z.string(),
  state: z.string(),
  created_at: z.number(),
  source: z.object({ id: z.string(), body: z.string().nullish(), author: Author }),
  conversation_parts: z.object({
    conversation_parts: z.array(
      z.object({ id: z.string(), part_type: z.string(), body: z.string().nullish(), author: Author, created_at: z.number() }),
    ),
  }),
});

const Message = z.object({
  id: z.string(),
  kind: z.string().describe('comment, or note for one that only teammates see'),
  author: z.object({ type: z.string().describe('user, lead, admin or bot'), id: z.string(), name: z.string().nullable() }),
  body: z.string().describe('HTML'),
  sent_at: z.string(),
});

const action = createAction({
  description: 'One conversation with its messages and notes',
  version: '1.0.0',
  input: Input,
  output: z.object({ id: z.string(), state: z.string(), messages: z.array(Message) }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const call = nango.get({ endpoint: `/conversations/${encodeURIComponent(data.id)}`, headers, retries: 3 });
    const response = await orExplain(nango, call, { 404: `There is no conversation ${data.id}.` });
    const { id, state, source, created_at, conversation_parts: parts } = Found.parse(response.data);
    const first = { ...source, part_type: 'comment', created_at };
    return { id, state, messages: [first, ...parts.conversation_parts].flatMap(toMessage) };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;

/** Parts without a body are not messages: assignments, closings. */
const toMessage = (part: z.infer<typeof Found>['conversation_parts']['conversation_parts'][number]): z.infer<typeof Message>[] => {
  const { id, part_type: kind, body, author, created_at } = part;
  if (!body) return [];
  return [{ id, kind, author: { type: author.type, id: String(author.id), name: author.name ?? null }, body, sent_at: isoOf(created_at) }];
};
