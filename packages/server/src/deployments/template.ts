/** The catalogue of functions: what `npm run build` compiled from `examples/integrations`. Read when asked for; without a build there is none. */
import { readFile } from 'node:fs/promises';
import { FlowConfig } from '@bowline/api/deploy';
import type { Template } from '@bowline/api/deployments';
import * as z from 'zod';
import type { World } from '../base/world.ts';

const Catalogue = z.object({ sdkVersion: z.string(), functions: z.array(FlowConfig) });
type Catalogue = z.output<typeof Catalogue>;

/** Those of a provider: actions before syncs, by name. */
export async function templatesOf({ templatesPath }: Pick<World, 'templatesPath'>, provider: string): Promise<Catalogue> {
  const { sdkVersion, functions } = await readCatalogue(templatesPath);
  const own = functions.filter(({ providerConfigKey }) => providerConfigKey === provider);
  return { sdkVersion, functions: own.toSorted((one, other) => order(one, other)) };
}

const order = (one: FlowConfig, other: FlowConfig) => one.type.localeCompare(other.type) || one.syncName.localeCompare(other.syncName);

async function readCatalogue(path: string): Promise<Catalogue> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? { sdkVersion: '', functions: [] } : Catalogue.parse(JSON.parse(text));
}

export function wireTemplate(flow: FlowConfig): Template {
  const { type, metadata } = flow;
  return {
    name: flow.syncName,
    type,
    ...(metadata?.description === undefined ? {} : { description: metadata.description }),
    ...(metadata?.scopes ? { scopes: metadata.scopes } : {}),
    ...(flow.input === undefined ? {} : { input: flow.input }),
    returns: flow.models,
    json_schema: flow.models_json_schema ?? null,
    ...(type === 'sync' ? { runs: flow.runs, auto_start: flow.auto_start, track_deletes: flow.track_deletes } : {}),
  };
}
