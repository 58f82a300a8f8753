/**
 * Braintree: its token endpoint is described by its libraries only. They post JSON with the raw client as Basic and a version of the API,
 * and are answered in XML of a few flat elements.
 */
import type { TokenAnswer } from '../token.ts';
import type { Quirk, Reshape } from './quirk.ts';
import { only, rawBasic, withHeaders } from './shapes.ts';

const shaped: Reshape = (call, { client }) => ({
  ...withHeaders(call, { ...rawBasic(client), accept: 'application/xml', 'x-apiversion': '6' }),
  format: 'json',
  params: only(call.params, ['grant_type', 'code', 'refresh_token']),
});

export const braintree: Quirk = {
  exchange: shaped,
  refresh: shaped,
  read: (text): TokenAnswer | undefined => {
    if (!text.trimStart().startsWith('<')) return undefined;
    const element = (name: string) => new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(text)?.[1];
    const message = element('message');
    const named = {
      access_token: element('access-token'),
      refresh_token: element('refresh-token'),
      token_type: element('token-type'),
      scope: element('scope'),
      expires_at: element('expires-at'),
      ...(message === undefined ? {} : { error: 'invalid_grant', error_description: message }),
    };
    return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  },
};
