/** All gates of the catalogue: of one entry, and of all together. */
import type { Provider } from '../provider.ts';
import { provenanceGate, scopeGate, verificationGate } from './facts.ts';
import { fieldGate } from './fields.ts';
import type { Finding } from './finding.ts';
import { refuseDefinition } from './refuse.ts';
import { pageGate, testHostGate } from './urls.ts';

/** What is to be mended in one entry. */
export function inspect(provider: Provider): Finding[] {
  const own = [fieldGate, pageGate, verificationGate, scopeGate, provenanceGate, testHostGate];
  return [...refuseDefinition(provider), ...own.flatMap((gate) => gate(provider))];
}

/** Names that two entries share: a person who picks from a list could not tell them apart. By the later one's name. */
export function collisions(
  entries: Iterable<{ readonly name: string; readonly display_name: string }>,
): (Finding & { readonly name: string })[] {
  const first = new Map<string, string>();
  return [...entries].flatMap(({ name, display_name }) => {
    const key = display_name.trim().toLowerCase();
    const other = first.get(key);
    if (other === undefined) first.set(key, name);
    return other === undefined
      ? []
      : [{ name, path: 'display_name', message: `${display_name} is the name of ${other} too; say what makes it another` }];
  });
}
