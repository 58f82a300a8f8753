/** Tries new credentials with the harmless request the provider's entry names. A provider without one accepts any. */
import { fillTemplate } from '@bowline/providers/template';
import type { OutboundRequest } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import type { World } from '../base/world.ts';
import { type Access, templateScope } from './access.ts';
import { authorize, signer } from './authorize.ts';
import { baseUrl } from './base-url.ts';
import type { Credentials } from './credentials.ts';
import { CredentialsError } from './failure.ts';

export type VerifyWorld = Pick<World, 'outbound' | 'clock' | 'random'>;
export type Verdict =
  | { readonly ok: true; readonly tested: boolean }
  | { readonly ok: false; readonly message: string; readonly status?: number };

/** The first endpoint that answers 2xx settles it. The message of a refusal is for the person who typed the credentials. */
export async function verify(world: VerifyWorld, access: Access): Promise<Verdict> {
  const verification = access.integration.provider.proxy?.verification;
  if (!verification) return { ok: true, tested: false };
  const base = baseUrl(access, verification.base_url_override);
  if (!base.ok) return { ok: false, message: base.message };
  const authorized = authorize(access);
  const scope = templateScope(access);
  const sign = signer(world, access);
  let refusal: Verdict = { ok: false, message: 'the provider could not be asked' };
  for (const endpoint of verification.endpoints) {
    const { text: path } = fillTemplate(endpoint, scope, encodeURIComponent);
    const query = new URLSearchParams(authorized.query).toString();
    const url = base.url + path + (query === '' ? '' : `${path.includes('?') ? '&' : '?'}${query}`);
    refusal = await ask(world, url, verification, {
      headers: { ...authorized.headers, ...verification.headers },
      ...(authorized.certificate ? { certificate: authorized.certificate } : {}),
      ...(sign ? { sign } : {}),
    });
    if (refusal.ok) return refusal;
  }
  return refusal;
}

/** Credentials that are as good now as they will ever be: an imported token may have expired and is renewed at its first use. */
export const lasts = ({ type }: Credentials) => type === 'API_KEY' || type === 'BASIC' || type === 'TBA';

async function ask(
  world: Pick<World, 'outbound'>,
  url: string,
  { method = 'GET', data }: { readonly method?: 'GET' | 'POST' | undefined; readonly data?: Readonly<Record<string, unknown>> | undefined },
  request: Pick<OutboundRequest, 'headers' | 'certificate' | 'sign'>,
): Promise<Verdict> {
  try {
    const response = await world.outbound.request(url, {
      ...request,
      method,
      headers: data ? { 'content-type': 'application/json', ...request.headers } : (request.headers ?? {}),
      ...(data ? { body: JSON.stringify(data) } : {}),
      headersTimeoutMs: 20_000,
    });
    response.body.destroy();
    if (response.status < 300) return { ok: true, tested: true };
    return { ok: false, status: response.status, message: `the provider answered the test request with status ${response.status}` };
  } catch (error) {
    if (error instanceof OutboundError || error instanceof CredentialsError) return { ok: false, message: error.message };
    throw error;
  }
}
