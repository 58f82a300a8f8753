/** The line of a provider in a list to choose from: what such a list shows and searches, and nothing of its definition. Pure. */
import type { ListedProvider } from '@bowline/api/dashboard-providers';
import { familyOf, isSandbox } from '@bowline/providers/family';
import type { Provider } from '@bowline/providers/provider';

export function listedProvider(provider: Provider, logoUrl: string): ListedProvider {
  const { name, display_name, categories, auth_mode } = provider;
  return {
    name,
    display_name,
    categories,
    auth_mode,
    logo_url: logoUrl,
    family: familyOf(name),
    ...(isSandbox(provider) ? { sandbox: true } : {}),
  };
}
