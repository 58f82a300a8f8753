/**
 * Which providers a text means, the likeliest first: the name itself, then what begins with it, then words that do, then parts of words,
 * then categories. Misspelt names count only when nothing is spelt so. Pure; what can be prepared is, so that a keystroke costs little.
 */
import type { ListedProvider } from '@bowline/api/dashboard-providers';
import UFuzzy from '@leeoniya/ufuzzy';

type Prepared = { provider: ListedProvider; title: string; name: string; squashed: string; words: string[]; categories: string[] };
export type ProviderIndex = { rows: Prepared[]; haystack: string[] };

/** @returns the index of a list; its order is that without a search: own ones first, then by name, test environments after the real ones */
export function indexProviders(list: readonly ListedProvider[]): ProviderIndex {
  const rows = list.map(prepare).sort((a, b) => own(a) - own(b) || byTitle(a, b));
  return { rows, haystack: rows.map(({ title, name }) => `${title} ${name}`) };
}

const own = ({ provider }: Prepared) => (provider.custom ? 0 : 1);
const byTitle = (a: Prepared, b: Prepared) =>
  a.title.localeCompare(b.title) ||
  Number(a.provider.sandbox ?? false) - Number(b.provider.sandbox ?? false) ||
  a.name.localeCompare(b.name);

function prepare(provider: ListedProvider): Prepared {
  const title = plain(provider.display_name);
  const { name } = provider;
  return {
    provider,
    title,
    name,
    squashed: squash(title),
    words: [...new Set([...wordsIn(title), ...name.split('-')])],
    categories: provider.categories.flatMap((category) => [category, ...category.split('-')]),
  };
}

/** Without case and accents, so that `café` is found by `cafe`. */
const plain = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
const squash = (text: string) => text.replaceAll(/[^\p{L}\p{N}]+/gu, '');
const wordsIn = (text: string) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** @returns those that match; all of them, in the index's order, for a text without letters */
export function rankProviders({ rows, haystack }: ProviderIndex, text: string): ListedProvider[] {
  const wanted = plain(text);
  const terms = wordsIn(wanted);
  if (terms.length === 0) return rows.map(({ provider }) => provider);
  const search = { wanted, squashed: squash(wanted), terms };
  const ranked = rows.flatMap((row, place) => {
    const rank = rankOf(row, search);
    return rank === undefined ? [] : [{ row, rank, place }];
  });
  if (ranked.length === 0) return misspelt({ rows, haystack }, wanted);
  return ranked.sort((a, b) => a.rank - b.rank || shorter(a.row, b.row) || a.place - b.place).map(({ row }) => row.provider);
}

const shorter = (a: Prepared, b: Prepared) =>
  Number(a.provider.sandbox ?? false) - Number(b.provider.sandbox ?? false) || a.title.length - b.title.length;

function rankOf(row: Prepared, { wanted, squashed, terms }: { wanted: string; squashed: string; terms: string[] }): number | undefined {
  if (row.title === wanted || row.name === wanted) return 0;
  if (row.title.startsWith(wanted) || row.name.startsWith(wanted) || row.squashed.startsWith(squashed)) return 1;
  let worst = 0;
  for (const term of terms) {
    const rank = rankOfTerm(row, term);
    if (rank === undefined) return undefined;
    worst = Math.max(worst, rank);
  }
  return worst;
}

function rankOfTerm({ title, name, words, categories }: Prepared, term: string): number | undefined {
  if (words.some((word) => word.startsWith(term))) return 2;
  if (title.includes(term) || name.includes(term)) return 3;
  return categories.some((category) => category.startsWith(term)) ? 4 : undefined;
}

/** One letter too many, too few, wrong or in the wrong place, in each word. */
const oneError = new UFuzzy({ intraMode: 1, intraIns: 1, intraSub: 1, intraTrn: 1, intraDel: 1 });

function misspelt({ rows, haystack }: ProviderIndex, wanted: string): ListedProvider[] {
  const found = (oneError.filter(haystack, wanted) ?? []).flatMap((place) => rows[place] ?? []);
  return found.sort(shorter).map(({ provider }) => provider);
}
