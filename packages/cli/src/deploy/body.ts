/** The body of a deploy request, as the server strictly expects it: unknown keys are refused. Pure. */

import type { OnEventDefinition } from '@bowline/compile/definition';
import { flowOf } from '@bowline/compile/flow';
import type { Compiled } from '../compile/compiled.ts';
import type { DeployMode } from './select.ts';

export type DeployBody = ReturnType<typeof deployBody>;

/** `-zero` tells the server that the default export is a definition, not a bare function. */
export const deployBody = (compiled: readonly Compiled[], deployMode: DeployMode, version: string) => {
  const onEvents =
    deployMode === 'single' ? [] : compiled.flatMap(({ definition, js }) => (definition.kind === 'onEvent' ? [{ definition, js }] : []));
  return {
    flowConfigs: compiled.flatMap(({ definition, js, schemas }) =>
      definition.kind === 'onEvent' || !schemas ? [] : [{ ...flowOf(definition, schemas), fileBody: { js, ts: definition.source } }],
    ),
    ...(deployMode !== 'single' && { onEventScriptsByProvider: groupByIntegration(onEvents) }),
    deployMode,
    debug: false,
    sdkVersion: `${version}-zero`,
  };
};

const groupByIntegration = (onEvents: readonly { definition: OnEventDefinition; js: string }[]) =>
  [...new Set(onEvents.map(({ definition }) => definition.entry.integration))].map((providerConfigKey) => ({
    providerConfigKey,
    scripts: onEvents
      .filter(({ definition }) => definition.entry.integration === providerConfigKey)
      .map(({ definition, js }) => ({ name: definition.entry.name, event: definition.event, fileBody: { js, ts: definition.source } })),
  }));
