/** The base URL of a connection's API: an override, the connection's own, the integration's, or the provider's template. Pure. */
import { fillUrl } from '@bowline/providers/url-template';
import { type Access, templateScope } from './access.ts';

export type BaseUrl =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly reason: 'none' | 'unresolved' | 'invalid'; readonly message: string };

/**
 * @param override what the caller asked for instead; literal, never a template: it may name any host, and a template would hand it secrets
 * @returns without a slash at the end
 */
export function baseUrl(access: Access, override?: string): BaseUrl {
  const { provider, custom } = access.integration;
  if (override) return literal(override);
  if (provider.integration_config?.baseUrl && custom.baseUrl) return literal(custom.baseUrl);
  const template = provider.proxy?.base_url;
  if (!template) {
    return { ok: false, reason: 'none', message: `${provider.display_name} has no base URL of its own; send the header Base-Url-Override` };
  }
  const filled = fillUrl(template, templateScope(access));
  if (filled.ok) return { ok: true, url: trimmed(filled.url) };
  return {
    ok: false,
    reason: filled.unresolved.length > 0 ? 'unresolved' : 'invalid',
    message: `the base URL cannot be built: ${filled.message}`,
  };
}

function literal(text: string): BaseUrl {
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
  if (!url || url.username || url.password || url.search || url.hash || url.hostname.includes('{')) {
    return { ok: false, reason: 'invalid', message: 'a base URL is an absolute http(s) URL without credentials, query or fragment' };
  }
  return { ok: true, url: trimmed(url) };
}

function trimmed(url: URL): string {
  return url.href.replace(/\/+$/, '');
}
