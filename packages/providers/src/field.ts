/** One input field of a provider: what a person is asked for, how it is checked and how it is shown. */
import { z } from 'zod';

/** `z.strictObject` whose error for an unknown key says which keys there are: catalogue files are written by people. */
export function strict<S extends z.core.$ZodLooseShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key ${issue.keys?.join(', ')}; allowed here: ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

const pattern = z.string().refine(compiles, { error: 'is not a valid regular expression' });

export const field = strict({
  type: z.literal('string'),
  title: z.string(),
  description: z.string(),
  example: z.string().optional(),
  /** Not anchored by us; write `^…$`. */
  pattern: pattern.optional(),
  format: z.enum(['hostname', 'uri', 'uuid', 'email']).optional(),
  enum: z.array(z.string()).min(1).optional(),
  order: z.int().optional(),
  default_value: z.string().optional(),
  hidden: z.boolean().optional(),
  /** Filled by the platform (from a token response, say); never asked for. */
  automated: z.boolean().default(false),
  optional: z.boolean().optional(),
  secret: z.boolean().optional(),
  /** Shown around the input, never stored. */
  prefix: z.string().optional(),
  suffix: z.string().optional(),
  doc_section: z.string().startsWith('#').optional(),
  warnings: z.record(z.string(), z.string()).optional(),
  visible_when: strict({ field: z.string(), equals: z.string() }).optional(),
});
export type Field = z.infer<typeof field>;

export const fields = z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/), field);

/** Why a value does not satisfy a field, in words for the person who typed it, or undefined when it does. */
export function refuseValue(definition: Field, value: string | undefined): string | undefined {
  if (value === undefined || value === '') {
    return definition.optional || definition.default_value !== undefined ? undefined : `${definition.title} is required`;
  }
  if (definition.enum && !definition.enum.includes(value)) return `${definition.title} must be one of ${definition.enum.join(', ')}`;
  if (definition.pattern && !new RegExp(definition.pattern).test(value)) return `${definition.title} must match ${definition.pattern}`;
  if (definition.format && !formats[definition.format](value)) return `${definition.title} must be a valid ${definition.format}`;
  return undefined;
}

const formats: Record<NonNullable<Field['format']>, (value: string) => boolean> = {
  hostname: (value) => /^[A-Za-z0-9.-]+$/.test(value),
  uri: (value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''),
  uuid: (value) => z.guid().safeParse(value).success,
  email: (value) => z.email().safeParse(value).success,
};

function compiles(source: string): boolean {
  try {
    return Boolean(new RegExp(source));
  } catch {
    return false;
  }
}
