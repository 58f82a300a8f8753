/**
 * The guide to one provider: what a developer registers, what people enter, how requests, tokens and webhooks work. Made of the catalogue
 * alone, so that every provider has one, an environment's own included. Pure; it names the addresses it is given and no others.
 */
import type { Block, Section } from './guide/blocks.ts';
import { connectSection, settingsSection } from './guide/fields.ts';
import { notesSection, relativesSection, templatesSection } from './guide/notes.ts';
import type { GuidePlace } from './guide/place.ts';
import { limitsSection, requestsSection } from './guide/requests.ts';
import { scopesSection } from './guide/scopes.ts';
import { setupOf, setupSection } from './guide/setup.ts';
import { sourcesSection } from './guide/sources.ts';
import { tokensSection } from './guide/tokens.ts';
import { webhooksSection } from './guide/webhooks.ts';
import type { Provider } from './provider.ts';

export type Guide = {
  readonly name: string;
  readonly title: string;
  /** How it connects, in words. */
  readonly mode: string;
  readonly categories: readonly string[];
  readonly sections: readonly Section[];
};
export type { Block, Section };

/** @returns sections in the order in which somebody needs them; those that would say nothing are left out */
export function guide(provider: Provider, place: GuidePlace): Guide {
  const sections = [
    setupSection(provider, place),
    scopesSection(provider),
    settingsSection(provider),
    connectSection(provider),
    requestsSection(provider, place),
    limitsSection(provider),
    tokensSection(provider),
    webhooksSection(provider, place),
    notesSection(provider),
    templatesSection(provider, place),
    relativesSection(provider, place),
    sourcesSection(provider),
  ].filter((section) => section !== undefined);
  return {
    name: provider.name,
    title: provider.display_name,
    mode: setupOf(provider, place).mode,
    categories: provider.categories,
    sections,
  };
}
