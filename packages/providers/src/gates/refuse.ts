/** The gates that protect a server from a definition, whoever wrote it. */
import { checkTemplates } from '../check.ts';
import type { ProviderDefinition } from '../provider.ts';
import type { Finding } from './finding.ts';
import { hostGate } from './hosts.ts';
import { patternGate, searchGate } from './patterns.ts';
import { urlGate } from './urls.ts';

/**
 * Why a definition that fits the schema is not safe to run: templates that read what nobody declares, patterns that are not anchored or not
 * of linear time, addresses that are not https, fields that name any host.
 * @param options.http true where plain http is allowed too, as for providers in the own network
 */
export function refuseDefinition(definition: ProviderDefinition, { http = false }: { readonly http?: boolean } = {}): Finding[] {
  return [
    ...checkTemplates(definition),
    ...patternGate(definition),
    ...searchGate(definition),
    ...urlGate(definition, http ? ['https:', 'http:'] : ['https:']),
    ...hostGate(definition),
  ];
}
