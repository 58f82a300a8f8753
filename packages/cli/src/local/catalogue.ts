/** What the catalogue says of a provider, for runs on this machine. Read when first asked for. */
import { type Catalogue, loadCatalogue } from '@bowline/providers/catalogue';

let catalogue: Catalogue | undefined;

/** How its lists are paged where a function does not say it. */
export function paginationOf(provider: string): Record<string, unknown> | undefined {
  catalogue ??= loadCatalogue();
  return catalogue.get(provider)?.proxy?.paginate;
}
