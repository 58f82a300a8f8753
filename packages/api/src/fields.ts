/** Field types that many routes share; rules from http-api.md part 2c. Every text has an upper bound. */
import * as z from 'zod';

export const ProviderConfigKey = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9~:.@ _-]+$/, 'Use letters, digits, spaces and ~ : . @ _ -')
  .meta({ examples: ['github'] });
export const ConnectionId = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$/, 'The connection id holds a character that is not allowed')
  .meta({ examples: ['user-1'] });
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
  .meta({ examples: ['Issue'] });
export const EnvironmentName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-z0-9_-]+$/, 'Use lower-case letters, digits, _ and -')
  .meta({ examples: ['dev'] });
/** Number of a row, as JSON has it and as a path has it. */
export const RowId = z.number().int().min(1).max(2_147_483_647);
export const RowIdText = z.coerce.number().int().min(1).max(2_147_483_647);
export const WebhookUrl = z.union([z.literal(''), z.url({ protocol: /^https?$/ })]);
export const Json = z.json();
export const JsonObject = z.record(z.string(), z.unknown());
export type JsonObject = z.infer<typeof JsonObject>;
/** Query and header booleans: true/1/yes/on/y/enabled and their opposites, in any case. */
export const Flag = z.stringbool();
export const Nothing = z.strictObject({});
export const Success = z.object({ success: z.boolean() });

const tagKey = /^[a-zA-Z][a-zA-Z0-9_\-./]*$/;
/** At most ten; keys are lower-cased; `end_user_email` must be an e-mail address. */
export const Tags = z.record(z.string(), z.string().min(1).max(255)).transform((tags, context) => {
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

export const EndUser = z.strictObject({
  id: z.string().min(1).max(255),
  email: z.email().min(5).optional(),
  display_name: z.string().max(255).optional(),
  tags: z.record(z.string(), z.string().max(255)).optional(),
});
export type EndUser = z.infer<typeof EndUser>;
export const Organization = z.strictObject({ id: z.string().max(255), display_name: z.string().max(255).optional() });
export type Organization = z.infer<typeof Organization>;

/** The two headers that name a connection on routes without it in the path. */
export const ConnectionHeaders = z.object({ 'connection-id': ConnectionId, 'provider-config-key': ProviderConfigKey });
/** Names one connection in a query. */
export const InIntegration = z.strictObject({ provider_config_key: ProviderConfigKey });
