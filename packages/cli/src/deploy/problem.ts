/** What a refused deploy means for the author, by the server's problem code. Unknown codes are shown as the server words them. */
import { z } from 'zod';
import type { Target } from './target.ts';

const problemSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string().optional(),
    errors: z
      .array(z.looseObject({ message: z.string().optional(), path: z.array(z.union([z.string(), z.number()])).optional() }))
      .optional(),
  }),
});

export const explain = (status: number, json: unknown, { host, keySource }: Target): string => {
  const parsed = problemSchema.safeParse(json);
  if (status === 401 || status === 403)
    return `${host} refused the API key from ${keySource} (${status}). Check that it belongs to this server and environment.`;
  if (status === 413) return `The deploy is larger than ${host} accepts (413). Deploy one integration at a time with --integration.`;
  if (!parsed.success) return `${host} answered ${status} to the deploy. Is it a Bowline server?`;
  const { code, message, errors = [] } = parsed.data.error;
  const detail = [message, ...errors.map(({ path, message: text }) => `  ${[path?.join('.'), text].filter(Boolean).join(': ')}`)]
    .filter(Boolean)
    .join('\n');
  const advice = advices.get(code);
  return `The server refused the deploy: ${code} (${status}). ${[detail, advice].filter(Boolean).join('\n')}`;
};

const advices: ReadonlyMap<string, string> = new Map([
  [
    'unknown_provider_config',
    'Create the integration in this environment first, in the dashboard or by POST /integrations: its unique key must be the name of the folder.',
  ],
  ['concurrent_deployment', 'Another deploy to this environment is under way. Try again when it has ended.'],
  ['deploy_script_security_rejected', 'A function calls `.constructor(…)`, which the sandbox does not allow. Write it without.'],
  ['invalid_body', 'The server does not understand this deploy. Are the command and the server of the same version?'],
  ['deploy_missing_json_schema_model', 'A model has no schema. Compile again with this version of the command.'],
]);
