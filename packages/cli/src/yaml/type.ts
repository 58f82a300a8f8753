/**
 * The types of `nango.yaml`, each read into the zod that means the same: one form from which records are checked, schemas made and types inferred,
 * as if the project had been written in code. The rules are tried in the order of the format's own documentation. Pure.
 */

/** The codes of the format, as the reference's parser names them. */
export type YamlCode =
  | 'invalid_name'
  | 'invalid_model_name'
  | 'invalid_runs'
  | 'duplicate_model'
  | 'duplicate_endpoint'
  | 'endpoints_mismatch'
  | 'model_not_found'
  | 'model_not_found_fallback'
  | 'model_missing_id'
  | 'model_extends_not_found'
  | 'model_is_literal'
  | 'cyclic_model'
  | 'type_syntax_error'
  | 'both_post_connection_scripts_and_on_events_present';

export type Names = {
  /** Models that may be referred to. */
  models: ReadonlySet<string>;
  /** Something was taken for a text that may have been meant as a model. */
  warn: (message: string, code: YamlCode) => void;
  /** @throws what it is given, with the place */
  refuse: (message: string, code: YamlCode) => never;
};
/** `names`: models it refers to, which must be declared before it. */
export type Zod = { text: string; names: string[] };

const primitives: Readonly<Record<string, string>> = {
  string: 'z.string()',
  char: 'z.string()',
  varchar: 'z.string()',
  number: 'z.number()',
  integer: 'z.number()',
  int: 'z.number()',
  float: 'z.number()',
  boolean: 'z.boolean()',
  bool: 'z.boolean()',
  bigint: 'z.bigint()',
  date: 'z.date()',
  never: 'z.never()',
  void: 'z.void()',
  undefined: 'z.undefined()',
  any: 'z.any()',
  object: 'z.record(z.string(), z.any())',
  array: 'z.array(z.any())',
};
const generics = /^(?:Array|Awaited|Exclude|Extract|Map|NonNullable|Omit|Partial|Pick|Promise|Readonly|Record|Required|Set)</;
export const modelName = /^[a-zA-Z0-9_]+$/;

export function zodOf(value: unknown, names: Names): Zod {
  if (Array.isArray(value)) return arrayOf(unionOf(value.map((item) => zodOf(item, names))));
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return literal(value);
  if (typeof value === 'object') return objectOf(value, names);
  if (typeof value === 'string') return textOf(value.trim(), names);
  return names.refuse(`a type cannot be ${typeof value}`, 'type_syntax_error');
}

function textOf(text: string, names: Names): Zod {
  if (text.includes('|')) return unionOf(text.split('|').map((part) => textOf(part.trim(), names)));
  if (text.endsWith('[]')) {
    const inner = text.slice(0, -2).trim();
    return inner === ''
      ? names.refuse('"[]" needs a type before it, such as string[]', 'type_syntax_error')
      : arrayOf(textOf(inner, names));
  }
  const primitive = Object.hasOwn(primitives, text.toLowerCase()) ? primitives[text.toLowerCase()] : undefined;
  if (primitive && !(names.models.has(text) && text !== text.toLowerCase())) return { text: primitive, names: [] };
  if (text === 'true' || text === 'false' || text === 'null') return literal(JSON.parse(text));
  // The format takes whatever begins with digits for a number; here it must be one as a whole.
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return literal(Number(text));
  if (generics.test(text)) return names.refuse(`"${text}" is TypeScript; write the fields, or object, any, string[]`, 'type_syntax_error');
  if (names.models.has(text)) return { text, names: [text] };
  if (/^[A-Z][A-Za-z0-9_]*$/.test(text)) names.warn(`"${text}" is no model, so it is taken for that text`, 'model_not_found_fallback');
  return literal(text);
}

const literal = (value: string | number | boolean | null): Zod => ({
  text: value === null ? 'z.null()' : `z.literal(${JSON.stringify(value)})`,
  names: [],
});
const arrayOf = ({ text, names }: Zod): Zod => ({ text: `z.array(${text})`, names });

function unionOf(parts: readonly Zod[]): Zod {
  const [only, ...more] = parts;
  if (!only) return { text: 'z.any()', names: [] };
  if (more.length === 0) return only;
  const texts = parts.map(({ text }) => /^z\.literal\(("(?:[^"\\]|\\.)*")\)$/.exec(text)?.[1]);
  const text = texts.every((one) => one !== undefined)
    ? `z.enum([${texts.join(', ')}])`
    : `z.union([${parts.map((part) => part.text).join(', ')}])`;
  return { text, names: parts.flatMap((part) => part.names) };
}

/** `name?` may be left out; `__string: type` is what all other keys hold. `__extends` is resolved before. */
function objectOf(fields: object, names: Names): Zod {
  const used: string[] = [];
  const lines: string[] = [];
  let rest = '';
  for (const [key, value] of Object.entries(fields)) {
    const zod = zodOf(value, names);
    used.push(...zod.names);
    if (key === '__string') rest = `.catchall(${zod.text})`;
    else if (key.endsWith('?')) lines.push(`${JSON.stringify(key.slice(0, -1))}: ${zod.text}.optional()`);
    else lines.push(`${JSON.stringify(key)}: ${zod.text}`);
  }
  return { text: `z.object({ ${lines.join(', ')} })${rest}`, names: used };
}
