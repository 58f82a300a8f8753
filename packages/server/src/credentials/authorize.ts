/**
 * Everything a provider's entry and a connection's credentials add to a request: authentication first, the provider's own headers,
 * query and body over it. Pure. A header or parameter whose placeholder has no value is left out, never sent half filled.
 */
import { randomUUID } from 'node:crypto';
import { readsBody, readsRequest } from '@bowline/providers/request-values';
import { fillTemplate, type TemplateScope } from '@bowline/providers/template';
import type { OutboundHeaders, SignedHop } from '../base/outbound.ts';
import { type Access, templateScope } from './access.ts';
import type { Applied, SigningWorld } from './auth-mode.ts';
import { modes } from './modes.ts';

export type Authorized = Applied & {
  /** Merged over the top of a body that is an object. */
  readonly body: Readonly<Record<string, unknown>>;
};

/** One `random` and one `now` serve all headers of a request: providers compare them with each other. */
export function authorize(
  access: Access,
  stable: { readonly now: Date; readonly random: string } = { now: new Date(), random: randomUUID() },
): Authorized {
  const { provider } = access.integration;
  const scope = templateScope(access, { now: stable.now, random: () => stable.random });
  const applied = modes[provider.auth_mode].apply(access);
  const templates = provider.proxy?.headers ?? {};
  return {
    headers: isSigned(templates)
      ? Object.fromEntries(Object.entries(applied.headers).filter(([name]) => templates[name] === undefined))
      : { ...applied.headers, ...filled(templates, scope) },
    query: { ...applied.query, ...filled(provider.proxy?.query, scope) },
    ...(applied.certificate ? { certificate: applied.certificate } : {}),
    body: filledBody(provider.proxy?.body, scope),
  };
}

/** Headers whose templates read the request itself can be filled only when it goes out; then all are, to share one moment. */
const isSigned = (templates: Readonly<Record<string, string>>) => Object.values(templates).some(readsRequest);

/** What signs each request of this access: its mode, or the provider's own headers where they read the request. */
export function signer(world: SigningWorld, access: Access): ((request: SignedHop) => OutboundHeaders) | undefined {
  const { provider } = access.integration;
  const { sign } = modes[provider.auth_mode];
  const templates = provider.proxy?.headers ?? {};
  if (!isSigned(templates)) return sign && ((request) => sign(world, access, request));
  return (request) => {
    const headers = headersOfRequest(world, access, request);
    return { ...headers, ...sign?.(world, access, { ...request, headers: { ...request.headers, ...headers } }) };
  };
}

/** In the order of the file, so that a signature may cover a date above it. The caller's headers stay, but for the user agent. */
function headersOfRequest(world: SigningWorld, access: Access, request: SignedHop): Record<string, string> {
  const random = world.random.uuid();
  const scope = templateScope(access, { now: world.clock.now(), random: () => random });
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(access.integration.provider.proxy?.headers ?? {})) {
    if (request.headers[name] !== undefined && name !== 'user-agent') continue;
    const known = { ...request, headers: { ...request.headers, ...headers } };
    Object.assign(headers, filled({ [name]: template }, { ...scope, request: known }));
  }
  return headers;
}

/** Whether a body must be held as a whole before the request can be signed. */
export function signsBody(access: Access, headers: OutboundHeaders): boolean {
  const { provider } = access.integration;
  if (Object.values(provider.proxy?.headers ?? {}).some(readsBody)) return true;
  return modes[provider.auth_mode].signsBody?.(access, { headers }) ?? false;
}

function filled(templates: Readonly<Record<string, string>> | undefined, scope: TemplateScope): Record<string, string> {
  return Object.fromEntries(
    Object.entries(templates ?? {}).flatMap(([name, template]) => {
      const { text, unresolved } = fillTemplate(template, scope);
      return unresolved.length > 0 || text === '' ? [] : [[name, text]];
    }),
  );
}

function filledBody(templates: Readonly<Record<string, unknown>> | undefined, scope: TemplateScope): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(templates ?? {}).flatMap(([name, value]) => {
      if (typeof value === 'string') return Object.entries(filled({ [name]: value }, scope));
      return typeof value === 'object' && value !== null
        ? [[name, filledBody(Object.fromEntries(Object.entries(value)), scope)]]
        : [[name, value]];
    }),
  );
}
