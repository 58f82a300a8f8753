/** Reads what an end user submitted, against the mode's schema. */
import type { z } from 'zod';
import type { Finish } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';

/** @throws CredentialsError `invalid_body` naming the first wrong key; never its value */
export function readForm<T>(schema: z.ZodType<T>, answer: Finish['answer']): T {
  const parsed = schema.safeParse(answer.kind === 'form' ? answer.values : {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CredentialsError('invalid_body', `${issue?.path.join('.') || 'the credentials'}: ${issue?.message ?? 'not valid'}`);
}
