/**
 * How functions of this integration call Slack. Its Web API answers refusals with status 200 and `ok: false`, takes every method by POST, and
 * names the next page with a cursor, empty on the last one. https://docs.slack.dev/apis/web-api/
 */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Answer = z.looseObject({ ok: z.boolean(), error: z.string().optional(), needed: z.string().optional() });
const Next = z.object({ response_metadata: z.object({ next_cursor: z.string().optional() }).nullish() });

type Fields = Readonly<Record<string, string | number | boolean>>;

/** What people can do about Slack's error codes; the code itself is always in the message. */
const advice: Readonly<Record<string, string>> = {
  channel_not_found: 'The channel does not exist, or it is private and the app was not invited to it.',
  not_in_channel: 'Invite the app to the channel first.',
  is_archived: 'The channel is archived.',
  no_text: 'Give a text, or blocks.',
  msg_too_long: 'The text is too long; Slack takes 40,000 characters.',
  thread_not_found: 'The message to answer in is not in this channel.',
  missing_scope: 'The customer did not grant a scope that this needs. Add it to the integration and let the customer connect again.',
  restricted_action: 'An administrator of the workspace does not allow this.',
};

/** A reading method: arguments as a form, which every method takes; sent again after a failure. @throws ActionError when Slack refuses */
export const read = async <S extends z.ZodType>(nango: NangoAction, method: string, schema: S, fields: Fields): Promise<z.infer<S>> => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await nango.post({ endpoint: `/${method}`, headers, data: fields, retries: 3 });
  return schema.parse(accepted(nango, method, response.data));
};

/** A writing method: arguments as JSON, which may be nested; sent once. @throws ActionError when Slack refuses */
export const write = async <S extends z.ZodType>(nango: NangoAction, method: string, schema: S, data: object): Promise<z.infer<S>> => {
  const response = await nango.post({ endpoint: `/${method}`, data });
  return schema.parse(accepted(nango, method, response.data));
};

/** Every page of a list. */
export async function* pages<S extends z.ZodType>(nango: NangoAction, method: string, schema: S, fields: Fields) {
  for (let cursor = ''; ; ) {
    const answer = await read(nango, method, z.unknown(), cursor === '' ? fields : { ...fields, cursor });
    yield schema.parse(answer) as z.infer<S>;
    cursor = Next.parse(answer).response_metadata?.next_cursor ?? '';
    if (cursor === '') return;
  }
}

const accepted = (nango: NangoAction, method: string, data: unknown): unknown => {
  const { ok, error = 'unknown_error', needed } = Answer.parse(data);
  if (ok) return data;
  const more = [advice[error], needed && `Needed: ${needed}.`].filter(Boolean).join(' ');
  throw new nango.ActionError({ message: `Slack refused ${method}: ${error}.${more && ` ${more}`}`, error });
};
