/** Tries new credentials with the harmless request the provider's entry names. A provider without one accepts any. */
import { fillTemplate } from '@bowline/providers/template';
import { OutboundError } from '../base/outbound-error.ts';
import type { World } from '../base/world.ts';
import { type Access, templateScope } from './access.ts';
import { authorize } from './authorize.ts';
import { baseUrl } from './base-url.ts';
import type { Credentials } from './credentials.ts';

export type Verdict =
  | { readonly ok: true; readonly tested: boolean }
  | { readonly ok: false; readonly message: string; readonly status?: number };

/** The first endpoint that answers 2xx settles it. The message of a refusal is for the person who typed the credentials. */
export async function verify(world: Pick<World, 'outbound'>, access: Access): Promise<Verdict> {
  const verification = access.integration.provider.proxy?.verification;
  if (!verification) return { ok: true, tested: false };
  const base = baseUrl(access, verification.base_url_override);
  if (!base.ok) return { ok: false, message: base.message };
  const authorized = authorize(access);
  const scope = templateScope(access);
  let refusal: Verdict = { ok: false, message: 'the provider could not be asked' };
  for (const endpoint of verification.endpoints) {
    const { text: path } = fillTemplate(endpoint, scope, encodeURIComponent);
    const query = new URLSearchParams(authorized.query).toString();
    const url = base.url + path + (query === '' ? '' : `${path.includes('?') ? '&' : '?'}${query}`);
    refusal = await ask(world, url, verification, { ...authorized.headers, ...verification.headers });
    if (refusal.ok) return refusal;
  }
  return refusal;
}

/** Credentials that are as good now as they will ever be: an imported token may have expired and is renewed at its first use. */
export const lasts = ({ type }: Credentials) => type === 'API_KEY' || type === 'BASIC';

async function ask(
  world: Pick<World, 'outbound'>,
  url: string,
  { method = 'GET', data }: { readonly method?: 'GET' | 'POST' | undefined; readonly data?: Readonly<Record<string, unknown>> | undefined },
  headers: Record<string, string>,
): Promise<Verdict> {
  try {
    const response = await world.outbound.request(url, {
      method,
      headers: data ? { 'content-type': 'application/json', ...headers } : headers,
      ...(data ? { body: JSON.stringify(data) } : {}),
      headersTimeoutMs: 20_000,
    });
    response.body.destroy();
    if (response.status < 300) return { ok: true, tested: true };
    return { ok: false, status: response.status, message: `the provider answered the test request with status ${response.status}` };
  } catch (error) {
    if (error instanceof OutboundError) return { ok: false, message: error.message };
    throw error;
  }
}
