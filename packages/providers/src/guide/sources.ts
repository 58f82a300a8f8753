/** How far the facts of a provider can be trusted: what was compared, when, and what is in doubt. Pure. */
import type { z } from 'zod';
import type { provenance } from '../facts.ts';
import type { Provider } from '../provider.ts';
import { type Block, type Line, link, note, paragraph, prose, type Section, say } from './blocks.ts';

type Source = z.infer<typeof provenance>['agree'][number];

/** The independent clients that were compared, for the legend. */
export const sources: Readonly<Record<Source, string>> = {
  vendor: "the vendor's documentation",
  grant: 'Grant',
  'social-core': 'Python Social Auth',
  allauth: 'django-allauth',
  socialite: 'Laravel Socialite',
  arctic: 'Arctic',
  authjs: 'Auth.js',
  'better-auth': 'Better Auth',
  openapi: "the vendor's OpenAPI document",
};

export function sourcesSection(provider: Provider): Section {
  const docs = paragraph(say`API documentation: ${link(shown(provider.docs), provider.docs)}`);
  return { id: 'sources', title: 'Sources', blocks: [docs, ...trust(provider)] };
}

function trust({ provenance: facts }: Provider): Block[] {
  if (facts === undefined) return [];
  const { checked, agree, source, note: doubt } = facts;
  const page = source ? say` Page read: ${link(shown(source), source)}.` : [];
  return [paragraph(say`Checked on ${checked}: ${weight(agree)}${page}`), ...(doubt ? [note(prose(doubt))] : [])];
}

function weight(agree: readonly Source[]): Line {
  const [only] = agree;
  if (only === undefined) return say`nothing independent confirms these endpoints yet.`;
  const names = agree.map((source) => sources[source]);
  if (agree.length === 1) return say`the endpoints rest on one source, ${names[0]}.`;
  return say`${names.slice(0, -1).join(', ')} and ${names.at(-1)} agree on the endpoints.`;
}

function shown(url: string): string {
  const { host, pathname } = new URL(url);
  return host.replace(/^www\./, '') + (pathname === '/' ? '' : pathname.replace(/\/$/, ''));
}
