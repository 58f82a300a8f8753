/**
 * Field types that many routes share, with the bounds of the wire. Every text has an upper bound.
 * What a field means here is in its description; a route whose field means something else describes it anew.
 */
import * as z from 'zod';

export const ProviderConfigKey = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9~:.@ _-]+$/, 'Use letters, digits, spaces and ~ : . @ _ -')
  .meta({ description: 'The key of the integration, unique in the environment.', examples: ['github'] });
export const ConnectionId = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/, 'The connection id holds a character that is not allowed')
  .meta({ description: 'The id of the connection, unique within its integration.', examples: ['user-1'] });
/** `metadata` is a path of its own below /connections, so a connection of that name could never be changed. */
export const NewConnectionId = ConnectionId.refine((id) => id.toLowerCase() !== 'metadata', 'This id is reserved: choose another');
export const Name = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9_-]+$/, 'Use letters, digits, _ and -')
  .meta({ examples: ['example'] });
export const Model = z
  .string()
  .min(2)
  .max(255)
  .regex(/^[A-Z][a-zA-Z0-9_-]*$/, 'A model starts with a capital letter, then letters, digits, _ and -')
  .meta({ description: 'The model: what a sync calls its kind of record. It starts with a capital letter.', examples: ['Issue'] });
export const EnvironmentName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-z0-9_-]+$/, 'Use lower-case letters, digits, _ and -')
  .meta({ description: 'The name of the environment: lower-case letters, digits, `_` and `-`. Unique in the account.', examples: ['dev'] });
/** Number of a row, as JSON has it and as a path has it. */
export const RowId = z.number().int().min(1).max(2_147_483_647);
export const RowIdText = z.coerce.number().int().min(1).max(2_147_483_647);
export const WebhookUrl = z.union([z.literal(''), z.url({ protocol: /^https?$/ })]);
/** Of a rotation. */
export const OverlapHours = z.coerce
  .number()
  .int()
  .min(0)
  .max(168)
  .default(24)
  .describe('For how many hours the key before still signs in `webhook-signature`: 0 to 168, default 24. 0 when it is known to strangers.');
export const Json = z.json();
export const JsonObject = z.record(z.string(), z.unknown());
export type JsonObject = z.infer<typeof JsonObject>;
/** Query and header booleans: true/1/yes/on/y/enabled and their opposites, in any case. */
export const Flag = z.stringbool();
export const Nothing = z.strictObject({});
export const Success = z.object({ success: z.boolean().describe('Whether this call did it.') });

const tagKey = /^[a-zA-Z][a-zA-Z0-9_\-./]*$/;
const readTags = z.record(z.string(), z.string().min(1).max(255)).transform((tags, context) => {
  const lowered: Record<string, string> = {};
  const refuse = (message: string, key?: string) => context.addIssue({ code: 'custom', message, path: key ? [key] : [] });
  if (Object.keys(tags).length > 10) refuse('At most 10 tags');
  for (const [key, value] of Object.entries(tags)) {
    const name = key.toLowerCase();
    if (key.length > 64 || !tagKey.test(key)) refuse('A tag key starts with a letter, then letters, digits and _ - . /, at most 64', key);
    if (name in lowered) refuse('Two tag keys differ only in case', key);
    if (name === 'end_user_email' && !z.email().safeParse(value).success) refuse('Must be an e-mail address', key);
    lowered[name] = value;
  }
  return lowered;
});
/** At most ten; keys are lower-cased; `end_user_email` must be an e-mail address. */
export const Tags = readTags.describe(
  'Up to ten texts to find connections by. Keys start with a letter, have at most 64 characters and are lower-cased; values have 1 to 255. `end_user_email` must be an e-mail address.',
);

export const EndUser = z
  .strictObject({
    id: z.string().min(1).max(255).describe('How your app names this person, such as the id of a row. It becomes the tag `end_user_id`.'),
    email: z.email().min(5).optional().describe('The e-mail address. It becomes the tag `end_user_email`.'),
    display_name: z.string().max(255).optional().describe('The name to show. It becomes the tag `end_user_display_name`.'),
    tags: z
      .record(z.string(), z.string().max(255))
      .optional()
      .describe('Further tags of the connection. When all together would be more than ten, all of these are left out.'),
  })
  .describe('Who connects, in the words of your app.');
export type EndUser = z.infer<typeof EndUser>;
export const Organization = z.strictObject({
  id: z.string().max(255).describe('How your app names the organization. It becomes the tag `organization_id`.'),
  display_name: z.string().max(255).optional().describe('The name to show. It becomes the tag `organization_display_name`.'),
});
export type Organization = z.infer<typeof Organization>;

/** The two headers that name a connection on routes without it in the path. */
export const ConnectionHeaders = z.object({ 'connection-id': ConnectionId, 'provider-config-key': ProviderConfigKey });
/** Names one connection in a query. */
export const InIntegration = z.strictObject({ provider_config_key: ProviderConfigKey });
