/** The functions to start from, as `npm run build` put them beside the command: read here, so that a project needs no network to begin. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { exitCodes, Failure } from '../failure.ts';
import { toolbox } from '../toolbox.ts';

const Template = z.object({
  provider: z.string(),
  name: z.string(),
  type: z.enum(['sync', 'action', 'on-event']),
  description: z.string(),
  scopes: z.array(z.string()),
  /** Its own file. */
  file: z.string(),
  /** What it imports, and its recordings. */
  helpers: z.array(z.string()),
  recordings: z.array(z.string()),
});
const Catalogue = z.object({ functions: z.array(Template), files: z.record(z.string(), z.string()) });
export type Template = z.output<typeof Template>;
export type TemplateCatalogue = z.output<typeof Catalogue>;

/** @throws Failure in a checkout that was not built */
export const readTemplates = (): TemplateCatalogue => {
  const path = toolbox.templatesPath();
  if (!existsSync(path)) throw new Failure(exitCodes.other, 'The templates are not built yet. In the repository run: npm run build');
  return Catalogue.parse(JSON.parse(readFileSync(path, 'utf8')));
};

export const labelOf = ({ provider, name }: Pick<Template, 'provider' | 'name'>): string => `${provider}/${name}`;
