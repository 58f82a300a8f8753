/** Tokens in the code: they end in the repository, in the bundle and in every copy of both. The message does not repeat them. */
import { secretShapes } from '../secrets.ts';
import type { Rule } from './rule.ts';
import { textOf } from './tree.ts';

export const secrets: Rule = (tree, complain) => {
  const message =
    'This looks like a live token. Revoke it, and let the connection carry the credentials, or read an environment variable with nango.getEnvironmentVariables().';
  for (const literal of tree.all('Literal'))
    if (secretShapes(textOf(literal) ?? '').length > 0) complain(literal, 'warning', 'secret_in_code', message);
  for (const part of tree.all('TemplateElement'))
    if (secretShapes(part.value.raw).length > 0) complain(part, 'warning', 'secret_in_code', message);
};
