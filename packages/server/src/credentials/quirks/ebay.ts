/** eBay: a redirect URL is known by the name it was registered under (the RuName), in the token request too. */
import type { Quirk } from './quirk.ts';

export const ebay: Quirk = {
  exchange: (call, { integration }) => {
    const { ruName } = integration.custom;
    return ruName === undefined ? call : { ...call, params: { ...call.params, redirect_uri: ruName } };
  },
};
