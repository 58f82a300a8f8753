/** Zoho: each data centre is a domain of its own, told by the address that came with the token. */
import { dig, digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';

export const zoho: Quirk = {
  afterConnect: async ({ access: { credentials, connectionConfig } }) => {
    if (digText(connectionConfig, 'extension') !== undefined) return {};
    const host = URL.parse(digText(dig(credentials, 'raw'), 'api_domain') ?? '')?.host;
    return { config: { extension: host?.replace(/^www\.zohoapis\./, '') } };
  },
};
