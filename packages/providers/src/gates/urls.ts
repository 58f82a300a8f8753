/** Gates on addresses: where requests, people and secrets are sent. */
import type { ProviderDefinition } from '../provider.ts';
import { sampleUrl } from '../sample.ts';
import type { Finding, Gate } from './finding.ts';

/** Addresses that requests and people are sent to, as templates, with their key paths. */
export function urlsOf(definition: ProviderDefinition): [path: string, template: string][] {
  const token = 'token_url' in definition ? definition.token_url : undefined;
  const { proxy } = definition;
  const found: [string, string | undefined][] = [
    ...['authorization_url', 'refresh_url', 'introspection_url', 'request_url', 'registration_url', 'issuer'].map(
      (key): [string, string | undefined] => [key, textAt(definition, key)],
    ),
    ...(typeof token === 'string'
      ? [['token_url', token] satisfies [string, string]]
      : Object.entries(token ?? {}).map(([key, url]): [string, string] => [`token_url.${key}`, url])),
    ...('additional_steps' in definition ? (definition.additional_steps ?? []) : []).map(({ token_url }, index): [string, string] => [
      `additional_steps.${index}.token_url`,
      token_url,
    ]),
    ['proxy.base_url', proxy?.base_url],
    ['proxy.verification.base_url_override', proxy?.verification?.base_url_override],
  ];
  return found.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
}

function textAt(definition: ProviderDefinition, key: string): string | undefined {
  const value = new Map<string, unknown>(Object.entries(definition)).get(key);
  return typeof value === 'string' ? value : undefined;
}

/**
 * Every address parses once its placeholders are filled, and is https.
 * @param schemes what an operator may allow besides, for providers in the own network
 */
export function urlGate(definition: ProviderDefinition, schemes: readonly string[] = ['https:']): Finding[] {
  return urlsOf(definition).flatMap(([path, template]) => {
    if (path === 'issuer' && !/^https?:/.test(template)) return []; // some name themselves without a scheme
    const filled = sampleUrl(definition, template);
    if (!filled.ok) return [{ path, message: `${filled.message}, with an example of each field; mend the template or the example` }];
    const scheme = /^([a-z]+:)/i.exec(template)?.[1] ?? filled.url.protocol;
    return schemes.includes(scheme) ? [] : [{ path, message: `is ${scheme}//, which anybody on the way can read; write https://` }];
  });
}

/** Pages are for people, who follow them from the dashboard. */
export const pageGate: Gate = ({ docs, docs_connect, setup_guide_url }) =>
  Object.entries({ docs, docs_connect, setup_guide_url }).flatMap(([path, url]) =>
    url === undefined || /^https:\/\/[^/]/.test(url) ? [] : [{ path, message: 'is not https; write the https address of the page' }],
  );

const testLabel = /^(?:sandbox|sbox|sbx|staging|stage|stg|demo|test|testing|dev|uat|qa|preprod|preproduction)\d*$/;

/** What is made for tests, and says so in its name, is no production provider by accident. */
export const testHostGate: Gate = (definition) => {
  if (definition.sandbox || definition.provenance?.note) return [];
  return urlsOf(definition).flatMap(([path, template]) => {
    const label = template.split('||').flatMap(testLabels)[0];
    return label === undefined
      ? []
      : [{ path, message: `has ${label} in its host: set sandbox: true, or say in provenance.note why it is the production host` }];
  });
};

/** The last label is a top-level domain, and `dev` is one. */
function testLabels(side: string): string[] {
  const host = /^\s*https?:\/\/([^/?#:]+)/.exec(side.replaceAll(/\$\{[^}]*\}/g, 'x'))?.[1] ?? '';
  return host
    .toLowerCase()
    .split('.')
    .slice(0, -1)
    .flatMap((label) => label.split('-'))
    .filter((label) => testLabel.test(label));
}
