/** The header of modes that end with a token of the provider's own making: Bearer, unless the provider's headers say where it goes. Pure. */
import { placeholders } from '@bowline/providers/template';
import type { Access } from './access.ts';
import type { Applied } from './auth-mode.ts';

const elsewhere = new Set(['accessToken', 'token', 'credentials.token', 'credentials._cookies']);

export function bearer({ integration, credentials }: Access): Applied {
  const token = 'token' in credentials ? credentials.token : undefined;
  const named = Object.values(integration.provider.proxy?.headers ?? {}).some((header) =>
    placeholders(header).some((placeholder) => elsewhere.has(placeholder)),
  );
  return { headers: typeof token === 'string' && !named ? { authorization: `Bearer ${token}` } : {}, query: {} };
}
