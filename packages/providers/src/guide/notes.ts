/** What surprises people about a provider, which functions there are to start from, and its relatives in the catalogue. Pure. */
import { familyOf, isSandbox } from '../family.ts';
import type { Provider } from '../provider.ts';
import { type Block, code, type Line, link, note, paragraph, prose, type Section, say } from './blocks.ts';
import type { GuidePlace } from './place.ts';
import { quirkWords } from './quirks.ts';
import { vendorOf } from './words.ts';

export function notesSection(provider: Provider): Section | undefined {
  const quirk = 'quirk' in provider ? provider.quirk : undefined;
  const scripts = [quirk, provider.post_connection_script, provider.credentials_verification_script];
  const known = [...new Set(scripts)].flatMap((name) => (name && quirkWords[name] ? [quirkWords[name]] : []));
  const ends = provider.pre_connection_deletion_script ? ['Deleting a connection withdraws its access at the vendor.'] : [];
  const items = [...(provider.notes ?? []), ...known, ...ends].map(prose);
  return items.length === 0 ? undefined : { id: 'notes', title: 'Good to know', blocks: [{ kind: 'list', items }] };
}

export function templatesSection({ name }: Provider, { templates }: GuidePlace): Section | undefined {
  if (templates.length === 0) return undefined;
  const items = templates.map(
    ({ name: template, type, description }): Line => say`${code(template)} (${type})${description ? ` – ${description}` : ''}`,
  );
  return {
    id: 'templates',
    title: 'Functions to start from',
    blocks: [
      paragraph(say`In ${code(`examples/integrations/${name}`)}, to copy or to deploy from the dashboard:`),
      { kind: 'list', items },
    ],
  };
}

export function relativesSection(provider: Provider, place: GuidePlace): Section | undefined {
  const family = familyOf(provider.name);
  const others = (place.providers ?? []).filter(({ name }) => name !== provider.name && familyOf(name) === family);
  const mark: Block[] = isSandbox(provider) ? [note(say`This is a test environment of ${vendorOf(provider)}: nothing in it is real.`)] : [];
  if (others.length === 0 && mark.length === 0) return undefined;
  const items = others.map((other): Line => {
    const { display_name: title, name } = other;
    const shown = place.guideOf ? link(title, place.guideOf(name)) : title;
    return say`${shown} (${code(name)})${isSandbox(other) && !/sandbox/i.test(title) ? ', a test environment' : ''}`;
  });
  const list: Block[] = items.length > 0 ? [paragraph(say`Other ways to connect in this catalogue:`), { kind: 'list', items }] : [];
  return { id: 'relatives', title: 'Related', blocks: [...mark, ...list] };
}
