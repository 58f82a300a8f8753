/** Where the files of a template lie in a project: below the integration's unique key, which may differ from the provider's name. Pure. */
import { labelOf, type Template, type TemplateCatalogue } from './catalogue.ts';

/** `entry`: the function's own file, which `index.ts` imports; the rest is what it needs. */
export type Placed = { readonly file: string; readonly text: string; readonly entry: boolean };

/** @param key the integration's unique key; without it the provider's name */
export const placeTemplates = (catalogue: TemplateCatalogue, chosen: readonly Template[], key?: string): Placed[] => {
  const placed = new Map<string, Placed>();
  for (const { provider, file, helpers, recordings } of chosen) {
    const integration = key ?? provider;
    const at = (path: string): string => (path.startsWith(`${provider}/`) ? `${integration}${path.slice(provider.length)}` : path);
    const text = (path: string): string => catalogue.files[path] ?? '';
    placed.set(at(file), { file: at(file), text: text(file), entry: true });
    for (const path of helpers) placed.set(at(path), { file: at(path), text: text(path), entry: false });
    for (const path of recordings) {
      const recorded = integration === provider ? text(path) : ofProvider(text(path), provider);
      placed.set(at(path), { file: at(path), text: recorded, entry: false });
    }
  }
  return [...placed.values()];
};

/** A replay takes the folder's name for the provider's where the recording names none. */
const ofProvider = (text: string, provider: string): string => {
  const recording: { bowline?: object } = JSON.parse(text);
  return `${JSON.stringify({ ...recording, bowline: { provider, ...recording.bowline } }, null, 2)}\n`;
};

/** What an author writes for templates: `github/issues`, `github/*` or `github`. */
export const matchTemplates = (functions: readonly Template[], wanted: string): Template[] => {
  const [provider = '', name = '*'] = wanted.replace(/\.ts$/, '').split('/').length > 2 ? fromPath(wanted) : wanted.split('/');
  return functions.filter((one) => one.provider === provider && (name === '*' || name === '' || one.name === name));
};

/** `github/actions/create-issue` and `github/actions/create-issue.ts` mean the function, too. */
const fromPath = (wanted: string): string[] => {
  const parts = wanted.replace(/\.ts$/, '').split('/');
  return [parts[0] ?? '', parts.at(-1) ?? ''];
};

/** The closest names, for whoever misspelt one. */
export const describeMissing = (functions: readonly Template[], wanted: string): string => {
  const [provider = '', name] = wanted.split('/');
  const ofIt = functions.filter((one) => one.provider === provider).map(labelOf);
  if (ofIt.length > 0 && name) return `There is no template ${wanted}. Of ${provider} there are: ${ofIt.join(', ')}.`;
  const providers = [...new Set(functions.map((one) => one.provider))];
  return `There are no templates for "${provider}". There are some for ${providers.join(', ')}. Start one of your own with \`bowline create\`.`;
};
