/** The document that describes our OAuth client to servers that read it instead of registering one: its address is the client's id. */
import { isIP } from 'node:net';
import type { World } from '../base/world.ts';
import { callbackUrl } from '../environments/settings.ts';
import type { Integration } from './integration.ts';

type Named = { readonly id: number; readonly uuid: string };

/** Undefined where other servers could not read it: without https, or on a host of this machine. */
export function clientMetadataUrl(
  { config }: Pick<World, 'config'>,
  { uuid }: Named,
  { uniqueKey }: Pick<Integration, 'uniqueKey'>,
): string | undefined {
  const { protocol, hostname } = new URL(config.publicUrl);
  const isPublic =
    protocol === 'https:' &&
    hostname !== 'localhost' &&
    !hostname.endsWith('.localhost') &&
    isIP(hostname) === 0 &&
    !hostname.startsWith('[');
  return isPublic ? `${config.publicUrl}/oauth/client-metadata/${uuid}/${encodeURIComponent(uniqueKey)}` : undefined;
}

/** @param url its own address. People see the name when they consent. */
export async function clientMetadataDocument(
  world: Pick<World, 'db' | 'config'>,
  environment: Named,
  { integration, url }: { integration: Integration; url: string },
) {
  const { oauth_client_name: name, oauth_client_uri: uri, oauth_client_logo_uri: logo } = integration.custom;
  return {
    client_id: url,
    client_name: name || 'Bowline',
    client_uri: uri || world.config.publicUrl,
    ...(logo ? { logo_uri: logo } : {}),
    redirect_uris: [await callbackUrl(world, environment.id)],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
}
