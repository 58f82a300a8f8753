/** Which host renews these credentials, as far as that is known before it is asked: what fails there fails for all who ask there. */
import { fillUrl } from '@bowline/providers/url-template';
import { type Access, templateScope } from './access.ts';

/** A host such as `api.example.com`, or the provider's name where no URL of its entry says. */
export function tokenHost(access: Access): string {
  const { provider } = access.integration;
  const named = ('refresh_url' in provider && provider.refresh_url) || ('token_url' in provider && provider.token_url);
  const filled = typeof named === 'string' ? fillUrl(named, templateScope(access)) : undefined;
  return filled?.ok ? filled.url.host : provider.name;
}

/** Whether the client that renews them is the connection's own: then only it is wrong when the provider refuses the client. */
export function hasOwnClient({ credentials }: Pick<Access, 'credentials'>): boolean {
  if ('config_override' in credentials) return credentials.config_override !== undefined;
  return 'client_id' in credentials;
}
