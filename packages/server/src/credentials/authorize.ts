/**
 * Everything a provider's entry and a connection's credentials add to a request: authentication first, the provider's own headers,
 * query and body over it. Pure. A header or parameter whose placeholder has no value is left out, never sent half filled.
 */
import { randomUUID } from 'node:crypto';
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
  return {
    headers: { ...applied.headers, ...filled(provider.proxy?.headers, scope) },
    query: { ...applied.query, ...filled(provider.proxy?.query, scope) },
    ...(applied.certificate ? { certificate: applied.certificate } : {}),
    body: filledBody(provider.proxy?.body, scope),
  };
}

/** What signs each request of this access, where its mode signs whole requests. */
export function signer(world: SigningWorld, access: Access): ((request: SignedHop) => OutboundHeaders) | undefined {
  const { sign } = modes[access.integration.provider.auth_mode];
  return sign && ((request) => sign(world, access, request));
}

/** Whether a body must be held as a whole before the request can be signed. */
export function signsBody(access: Access, headers: OutboundHeaders): boolean {
  return modes[access.integration.provider.auth_mode].signsBody?.(access, { headers }) ?? false;
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
