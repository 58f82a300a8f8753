/** Which functions a deploy sends: all, those of one integration, or one by name. */
import type { Compiled } from '../compile/compiled.ts';
import { exitCodes, Failure } from '../failure.ts';

export type Selection = { integration?: string | undefined; sync?: string | undefined; action?: string | undefined };
export type DeployMode = 'all' | 'integration' | 'single';

/** `single` deletes nothing, `integration` compares within the integration, `all` deletes what the project no longer has. */
export const select = (
  compiled: readonly Compiled[],
  { integration, sync, action }: Selection,
): { mode: DeployMode; chosen: Compiled[] } => {
  const single = sync !== undefined || action !== undefined;
  const chosen = compiled.filter(({ definition: { kind, entry } }) => {
    if (integration !== undefined && entry.integration !== integration) return false;
    if (!single) return true;
    return (kind === 'sync' && entry.name === sync) || (kind === 'action' && entry.name === action);
  });
  const wanted = [integration && `integration ${integration}`, sync && `sync ${sync}`, action && `action ${action}`]
    .filter(Boolean)
    .join(', ');
  if (chosen.length === 0) {
    const names = compiled.map(({ definition: { kind, entry } }) => `${kind} ${entry.integration}/${entry.name}`).join(', ');
    throw new Failure(exitCodes.usage, `Nothing matches ${wanted}. The project has: ${names}.`);
  }
  return { mode: single ? 'single' : integration === undefined ? 'all' : 'integration', chosen };
};
