/** Reads what an end user submitted, against the mode's schema or the fields of the provider. */
import type { Field } from '@bowline/providers/field';
import type { z } from 'zod';
import type { Finish } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';
import { tidyPem } from './signing-key.ts';

/** @throws CredentialsError `invalid_body` naming the first wrong key; never its value */
export function readForm<T>(schema: z.ZodType<T>, answer: Finish['answer']): T {
  const parsed = schema.safeParse(answer.kind === 'form' ? answer.values : {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.');
  const path = field ? ['credentials', field] : ['credentials'];
  throw new CredentialsError('invalid_body', `${field || 'the credentials'}: ${issue?.message ?? 'not valid'}`, { path });
}

/**
 * The declared fields of what was submitted and checked. What nobody declared is dropped, since published clients send more; what is
 * optional and empty counts as not given, and keys get their canonical form.
 */
export function readFields(fields: Readonly<Record<string, Field>>, values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      const given = values[name] ?? field.default_value;
      const value = typeof given === 'number' || typeof given === 'boolean' ? String(given) : given;
      if (field.automated || typeof value !== 'string' || (value === '' && field.optional)) return [];
      return [[name, tidyPem(value)]];
    }),
  );
}
