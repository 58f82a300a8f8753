/** A request with credentials that nobody has stored yet, to see whether the provider takes them. Authenticated as calls through the proxy are. */
import { fillTemplate } from '@bowline/providers/template';
import { readText } from '../base/outbound.ts';
import { type Access, templateScope } from './access.ts';
import { readAnswer } from './answer.ts';
import type { AuthWorld } from './auth-mode.ts';
import { authorize, signer } from './authorize.ts';
import { baseUrl } from './base-url.ts';
import { CredentialsError } from './failure.ts';
import type { Trial } from './quirks/verify/verification.ts';

export function openTrial(world: AuthWorld, access: Access): Trial {
  const authorized = authorize(access);
  const sign = signer(world, access);
  const scope = templateScope(access);
  return async (path, { method = 'GET', headers = {}, json, form, base: other, read = true } = {}) => {
    const base = baseUrl(access, other);
    if (!base.ok) throw new CredentialsError('url_param_err', base.message);
    const query = new URLSearchParams(authorized.query).toString();
    const filled = fillTemplate(path, scope, encodeURIComponent).text;
    const type = form ? 'application/x-www-form-urlencoded' : json ? 'application/json' : undefined;
    const own = Object.entries(headers).map(([name, value]) => [name, fillTemplate(value, scope).text] as const);
    const response = await world.outbound.request(base.url + filled + (query === '' ? '' : `${filled.includes('?') ? '&' : '?'}${query}`), {
      method,
      headers: { 'user-agent': 'Bowline', ...(type ? { 'content-type': type } : {}), ...authorized.headers, ...Object.fromEntries(own) },
      body: form ? new URLSearchParams(form).toString() : json ? JSON.stringify({ ...json, ...authorized.body }) : null,
      headersTimeoutMs: 20_000,
      bodyIdleTimeoutMs: 20_000,
      ...(authorized.certificate ? { certificate: authorized.certificate } : {}),
      ...(sign ? { sign } : {}),
    });
    if (read) return { status: response.status, answer: readAnswer({ text: await readText(response) }) };
    response.body.destroy();
    return { status: response.status, answer: undefined };
  };
}
