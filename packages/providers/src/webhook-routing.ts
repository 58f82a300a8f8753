/** Whom a webhook is for: which part of it names an event, and what in it names the connection. Data, so that a provider needs no code of its own. */
import { z } from 'zod';
import { strict } from './field.ts';
import { refusePattern } from './patterns.ts';

/** A place in a request. */
export const place = z.string().regex(/^(?:header|body|query)\.[\w.[\]-]+$/, 'header.x, body.x or query.x');

const part = String.raw`(?:header\.[\w-]+|query\.[\w.-]+|(?:body|item)(?:\.[\w.[\]-]+)?)`;
const anyPlace = z.string().regex(new RegExp(`^${part}$`), 'header.x, query.x, body.x or item.x');
const naming = z
  .string()
  .regex(
    new RegExp(String.raw`^(?:${part}|\*|(?:[^{}]|\{${part}\})*\{${part}\}(?:[^{}]|\{${part}\})*)$`),
    'a place, * or a text with {places}',
  );

/** `place`, `place=value`, or HEAD. */
const condition = z.string().regex(new RegExp(`^(?:HEAD|${part}(?:=.+)?)$`), 'a place, place=value or HEAD');
const text = z.string().regex(/^(?:[^{}]|\{(?:(?:hmac-hex|hmac-base64):)?(?:header|body|query)\.[\w.[\]-]+\})*$/, 'a text with {places}');

/** What a provider asks before it sends anything. An answer repeats what was asked, so it gives nothing away. */
export const handshake = strict({
  when: condition.describe('What it asks by: `place`, `place=value`, or `HEAD` for a request of that method.'),
  text: text.optional().describe('What it wants to hear, as text/plain: `{place}` is what stands there.'),
  json: z
    .record(z.string(), z.union([text, z.number()]))
    .optional()
    .describe('The same as a JSON object. `{hmac-hex:place}` and `{hmac-base64:place}` are the HMAC-SHA256 with the key of its webhooks.'),
  headers: z.record(z.string(), text).optional().describe('Headers of the answer.'),
  kept: z.literal(true).optional().describe('Whoever develops has to see it: it is taken like an event, also while no key is set.'),
});
export type Handshake = z.infer<typeof handshake>;

const match = strict({
  from: anyPlace.describe('Where the name is.'),
  pattern: z
    .string()
    .max(500)
    .regex(/^[^(]*\((?!\?)[^()]*\)[^(]*$/, 'a pattern with one group')
    .superRefine((pattern, context) => {
      const refusal = refusePattern(pattern);
      if (refusal !== undefined) context.addIssue({ code: 'custom', message: `is not taken by RE2: ${refusal}` });
    })
    .optional()
    .describe('The whole of it must match, and its one group is the name; runs in RE2.'),
  hash: z.literal('email').optional().describe('It is an address, of which connections keep the hash.'),
  is: z
    .string()
    .regex(/^(?:id|account|(?:config|metadata)\.[\w.-]+)$/, 'id, account, config.x or metadata.x')
    .describe('What of a connection has that name: its `id`, the `account` it is of, or a key of its configuration or metadata.'),
});
export type Match = z.infer<typeof match>;

export const routing = strict({
  each: z
    .string()
    .regex(/^body(?:\.[\w.[\]-]+)?$/, 'body or body.x')
    .optional()
    .describe('A list, of which each element is an event: `item` in the places here.'),
  decode: z
    .string()
    .regex(/^body\.[\w.-]+$/, 'body.x')
    .optional()
    .describe('Text of base64 with JSON in it, whose fields are added to the body for functions.'),
  ignore: z.array(condition).optional().describe('Elements that are no events.'),
  order: z.array(anyPlace).optional().describe('Elements are sorted by what is there, ascending.'),
  first: z
    .string()
    .optional()
    .describe('Of elements with the same value at the first place of `order`, one whose event ends so comes first.'),
  event: z
    .array(naming)
    .optional()
    .describe('What functions subscribe to: any of these names. `*`: it has none. Default: `event` of how it signs.'),
  connections: z.array(match).optional().describe('What names the connection: tried in turn, the first that finds any counts.'),
  everyone: z.literal(true).optional().describe('It names nobody, and is for every connection of the integration.'),
  payload: z
    .enum(['headers', 'item'])
    .optional()
    .describe('What functions get and what is forwarded. Default: functions the element or the body, the app the body.'),
  once: z.array(anyPlace).optional().describe('What together tells one delivery from another, where `id` alone does not.'),
});
export type Routing = z.infer<typeof routing>;
