/** The pages of `docs/providers`: one a provider, and an index of them. Pure; `npm run docs` writes them and a test compares. */
import { familyOf } from '../family.ts';
import { guide } from '../guide.ts';
import type { Provider } from '../provider.ts';
import { escaped, guideMarkdown } from './markdown.ts';
import type { GuideTemplate } from './place.ts';
import { setupOf } from './setup.ts';
import { sources } from './sources.ts';

const SERVER = '<your server>';
const place = {
  serverUrl: SERVER,
  callbackUrl: `${SERVER}/oauth/callback`,
  webhookUrl: null,
  templates: [],
  guideOf: (name: string) => `${name}.md`,
};

/**
 * @param templates functions to start from, by the name of their provider
 * @returns the text of each file by its name
 */
export function providerPages(
  providers: readonly Provider[],
  templates: ReadonlyMap<string, readonly GuideTemplate[]>,
): Map<string, string> {
  const families = grouped(providers, ({ name }) => familyOf(name));
  const page = (provider: Provider): [string, string] => [
    `${provider.name}.md`,
    guideMarkdown(
      guide(provider, {
        ...place,
        webhookUrl:
          provider.webhook === undefined && provider.webhook_routing_script === undefined
            ? null
            : `${SERVER}/webhook/<environment>/<integration>`,
        templates: templates.get(provider.name) ?? [],
        providers: families.get(familyOf(provider.name)) ?? [],
      }),
    ),
  ];
  return new Map([...providers.map(page), ['README.md', index(providers)]]);
}

function index(providers: readonly Provider[]): string {
  const categories = [...new Set(providers.flatMap((provider) => provider.categories))].sort();
  const of = (category: string) => providers.filter(({ categories: its }) => its.some((one) => one === category)).toSorted(byTitle);
  return `${[
    '# Providers',
    `${providers.length} external APIs, each with a page: what to register, what your users enter, how requests, tokens and webhooks work. Made from the files of \`packages/providers/catalog\` by \`npm run docs\`; the dashboard shows the same pages with the addresses of your server.`,
    '## Find one',
    [
      '- Here: search this page for the name; below it stands under each of its categories.',
      '- In the dashboard: add an integration and type; misspelt names are found, too.',
      `- Over the API: \`GET /providers?search=github\` with your key, or all of them without one: \`${SERVER}/providers.json\`.`,
      '- Not there? [Auth modes](../auth-modes.md) says which generic provider fits, and an environment can define providers of its own.',
    ].join('\n'),
    '## How they connect',
    table(['way', 'providers'], counted(providers)),
    '## How far to trust a page',
    'Each page ends with its sources. What an API does was written down from its documentation and compared with independent open-source clients that know the same endpoints:',
    Object.values(sources)
      .map((name) => `- ${name}`)
      .join('\n'),
    'Where several agree, the endpoints are most likely right. “Rests on one source” means that nobody confirmed it; “not recorded” means that we do not know, not that there is nothing.',
    ...categories.flatMap((category) => [`## ${category}`, of(category).map(entry).join('\n')]),
  ].join('\n\n')}\n`;
}

const byTitle = (a: Provider, b: Provider) =>
  compare(a.display_name.toLowerCase(), b.display_name.toLowerCase()) || compare(a.name, b.name);
/** Not by the language of the machine that writes the pages. */
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const entry = (provider: Provider) => `- [${escaped(provider.display_name)}](${provider.name}.md) – ${setupOf(provider, place).mode}`;

function grouped(providers: readonly Provider[], keyOf: (provider: Provider) => string): Map<string, Provider[]> {
  const groups = new Map<string, Provider[]>();
  for (const provider of providers) {
    const key = keyOf(provider);
    const group = groups.get(key);
    if (group) group.push(provider);
    else groups.set(key, [provider]);
  }
  return groups;
}

function counted(providers: readonly Provider[]): string[][] {
  const ways = grouped(providers, (provider) => setupOf(provider, place).mode);
  return [...ways]
    .map(([way, all]) => ({ way, count: all.length }))
    .sort((a, b) => b.count - a.count || compare(a.way, b.way))
    .map(({ way, count }) => [way, String(count)]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
