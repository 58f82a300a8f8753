/** The body of a deploy request, as the server strictly expects it: unknown keys are refused. Pure. */

import type { OnEventDefinition } from '@bowline/compile/definition';
import { flowOf } from '@bowline/compile/flow';
import type { Compiled } from '../compile/compiled.ts';
import type { DeployMode } from './select.ts';
import type { Sources } from './sources.ts';

export type DeployBody = ReturnType<typeof deployBody>;

/** `-zero` tells the server that the default export is a definition, not a bare function. */
export const deployBody = (compiled: readonly Compiled[], deployMode: DeployMode, version: string, sources: Sources) => {
  const fileBody = ({ definition, js }: Pick<Compiled, 'definition' | 'js'>) => {
    const files = sources.of(definition.entry.file, definition.source);
    return { js, ts: definition.source, ...(files && { files }) };
  };
  const onEvents =
    deployMode === 'single'
      ? []
      : compiled.flatMap(({ definition, js }) =>
          definition.kind === 'onEvent' ? [{ definition, fileBody: fileBody({ definition, js }) }] : [],
        );
  return {
    flowConfigs: compiled.flatMap(({ definition, js, schemas }) =>
      definition.kind === 'onEvent' || !schemas ? [] : [{ ...flowOf(definition, schemas), fileBody: fileBody({ definition, js }) }],
    ),
    ...(deployMode !== 'single' && { onEventScriptsByProvider: groupByIntegration(onEvents) }),
    deployMode,
    // Left out elsewhere: other servers of the wire know no such field.
    ...(compiled.length === 0 && { allowEmpty: true }),
    debug: false,
    sdkVersion: `${version}-zero`,
  };
};

type FileBody = { js: string; ts: string; files?: Readonly<Record<string, string>> };

const groupByIntegration = (onEvents: readonly { definition: OnEventDefinition; fileBody: FileBody }[]) =>
  [...new Set(onEvents.map(({ definition }) => definition.entry.integration))].map((providerConfigKey) => ({
    providerConfigKey,
    scripts: onEvents
      .filter(({ definition }) => definition.entry.integration === providerConfigKey)
      .map(({ definition, fileBody }) => ({ name: definition.entry.name, event: definition.event, fileBody })),
  }));
