/** One input field of a provider: what a person is asked for, how it is checked and how it is shown. */
import { z } from 'zod';
import { matches, refusePattern } from './patterns.ts';

/** `z.strictObject` whose error for an unknown key says which keys there are: catalogue files are written by people. */
export function strict<S extends z.core.$ZodLooseShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key ${issue.keys?.join(', ')}; allowed here: ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

export const pattern = z.string().superRefine((source, context) => {
  const refusal = compiles(source) ? refusePattern(source) : '';
  if (refusal !== undefined) context.addIssue({ code: 'custom', message: `is not a valid regular expression${refusal && `: ${refusal}`}` });
});

const written = 'Shown beside the input and never stored.';
export const field = strict({
  type: z.literal('string').describe('What is entered is a text.'),
  title: z.string().describe('The label, in the words of the provider.'),
  description: z.string().describe('What it is and where it is found, for the person who fills it.'),
  example: z.string().optional().describe('A made-up value of the right form, shown where nothing is entered.'),
  pattern: pattern.optional().describe('The whole value must match, written ^…$; runs in RE2, so without look-around and back references.'),
  format: z.enum(['hostname', 'uri', 'uuid', 'email']).optional().describe('A form that many values have; besides the pattern.'),
  enum: z.array(z.string()).min(1).optional().describe('The only values there are.'),
  order: z.int().optional().describe('Where it stands in the form: the lower, the earlier.'),
  default_value: z.string().optional().describe('Stands in for nothing.'),
  hidden: z.boolean().optional().describe('Not asked for, but may be given.'),
  automated: z.boolean().default(false).describe('Filled by the platform, from a token response say; never asked for.'),
  optional: z.boolean().optional().describe('May be left empty.'),
  secret: z.boolean().optional().describe('Hidden while it is typed, sealed when stored, never shown again.'),
  prefix: z.string().optional().describe(`What stands before the value. ${written}`),
  suffix: z.string().optional().describe(`What stands after the value. ${written}`),
  doc_section: z.string().startsWith('#').optional().describe('The section of the setup page that explains it.'),
  warnings: z.record(z.string(), z.string()).optional().describe('Said when this value is entered.'),
  visible_when: strict({
    field: z.string().describe('The other field.'),
    equals: z.string().describe('Its value.'),
  })
    .optional()
    .describe('Asked for only when another field has this value.'),
});
export type Field = z.infer<typeof field>;

export const fields = z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/), field);

/** Why a value does not satisfy a field, in words for the person who typed it, or undefined when it does. */
export function refuseValue(definition: Field, value: string | undefined): string | undefined {
  if (value === undefined || value === '') {
    return definition.optional || definition.default_value !== undefined ? undefined : `${definition.title} is required`;
  }
  if (definition.enum && !definition.enum.includes(value)) return `${definition.title} must be one of ${definition.enum.join(', ')}`;
  if (definition.pattern && !matches(definition.pattern, value)) {
    return `${definition.title} has another form than the provider uses${definition.example ? `, such as ${definition.example}` : ''}`;
  }
  if (definition.format && !formats[definition.format](value)) return `${definition.title} must be a valid ${definition.format}`;
  return undefined;
}

export type CheckedValues = {
  /** What was given, as it is to be stored. */
  readonly values: Record<string, unknown>;
  readonly refused: readonly { readonly name: string; readonly message: string }[];
};

/**
 * Checks everything that was given against its fields: the one place for forms, sessions, imports and integrations.
 * What no field declares passes untouched, and so does what the platform fills itself.
 * @param options `defaults`: whose default value stands in for nothing; `partial`: what is not given is not missed
 */
export function checkValues(
  fields: Readonly<Record<string, Field>>,
  given: Readonly<Record<string, unknown>>,
  { defaults = 'hidden', partial = false }: { readonly defaults?: 'hidden' | 'all'; readonly partial?: boolean } = {},
): CheckedValues {
  const values: Record<string, unknown> = { ...given };
  const asked = Object.entries(fields).filter(([, field]) => !field.automated);
  for (const [name, field] of asked) {
    const text = asText(given[name]);
    const settled = text || !(field.hidden || defaults === 'all') ? text && bareValue(field, text) : (field.default_value ?? text);
    if (settled !== undefined && settled !== text) values[name] = settled;
  }
  const refused = asked.flatMap(([name, field]) => {
    const text = asText(values[name]);
    if ((partial || field.hidden) && !text) return [];
    const message = isVisible(field, fields, values) ? refuseValue(field, text) : undefined;
    return message === undefined ? [] : [{ name, message }];
  });
  return { values, refused };
}

/**
 * What a person means who types what is shown around the input as well, or pastes a whole address into it:
 * `https://acme.zendesk.com/agent` is `acme` between `https://` and `.zendesk.com`.
 */
export function bareValue({ prefix, suffix, format, secret }: Field, given: string): string {
  if (secret || !(prefix || suffix || format)) return given;
  const text = given.trim();
  const start = prefix === undefined ? undefined : leading(prefix).exec(text);
  const rest = start ? text.slice(start[0].length) : text;
  // Without the prefix only a suffix that begins like one is taken for it: an id may well end in "-api".
  if (suffix && (start || /^[./]/.test(suffix))) {
    const at = rest.toLowerCase().indexOf(suffix.toLowerCase());
    const after = rest.slice(at + suffix.length);
    if (at > 0 && /^(?:$|[/?#])/.test(after)) return rest.slice(0, at);
  }
  return start && /^https?:\/\/$/.test(prefix ?? '') ? rest.replace(format === 'hostname' ? /[/?#].*$/s : /\/+$/, '') : rest;
}

/** Either scheme stands for the one that is shown. */
function leading(prefix: string): RegExp {
  const literal = prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/^https?:/, 'https?:')}`, 'i');
}

/** A field that another one switches off is not asked for; neither is one whose own switch is off. */
function isVisible(field: Field, fields: Readonly<Record<string, Field>>, values: Readonly<Record<string, unknown>>): boolean {
  const seen = new Set<string>();
  for (let condition = field.visible_when; condition && !seen.has(condition.field); ) {
    const other = fields[condition.field];
    if ((asText(values[condition.field]) || other?.default_value) !== condition.equals) return false;
    seen.add(condition.field);
    condition = other?.visible_when;
  }
  return true;
}

/** Numbers and booleans are read as templates read them; what is no text at all cannot be filled in. */
function asText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
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
