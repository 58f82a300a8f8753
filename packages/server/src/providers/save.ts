/**
 * Save a provider of an environment's own: its definition is checked now and stored as it came out, so that nobody who reads it has to. What
 * others inherit from it comes out anew in the same transaction, and what would break something that is in use is refused.
 */
import { problem } from '@bowline/api/problem';
import type { Written } from '@bowline/providers/own-definition';
import type { Provider, ProviderDefinition } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { firstOf, judge, type Known, refused, written } from './judge.ts';
import { heirsOf, type OwnRow, withOwn } from './rows.ts';
import type { Use, UsesOf } from './uses.ts';

type Needs = Pick<World, 'db' | 'builtIns'>;
type InEnvironment = { readonly environment: { readonly id: number } };
type Rows = ReadonlyMap<string, OwnRow>;
export type Wanted = { readonly name: string; readonly yaml: string; readonly dryRun: boolean };
export type SavedProvider = { readonly provider: Provider; readonly created: boolean; readonly usedBy: readonly string[] };
type Changed = { readonly name: string; readonly definition: ProviderDefinition };

const PROVIDERS_MAX = 200;

/** @throws invalid_body with every finding, conflict, resource_capped */
export async function saveProvider(
  world: Needs,
  scope: InEnvironment,
  wanted: Wanted,
  { usesOf, ...known }: Known & { readonly usesOf: UsesOf },
): Promise<SavedProvider> {
  const { name } = wanted;
  const read = written(wanted.yaml);
  return withOwn(world.db, scope, async (tx, rows) => {
    checkName(world, rows, name);
    const judged = judge(read, { name, parent: parentOf(world, rows, name, read), known });
    if ('findings' in judged) throw refused(judged.findings);
    const { definition } = judged;
    const heirs = settleHeirs(rows, { name, definition }, known);
    const changed = [{ name, definition }, ...heirs];
    const uses = await usesOf(
      tx,
      scope,
      changed.map((one) => one.name),
    );
    checkUses(changed, uses);
    if (!wanted.dryRun) {
      await store(tx, scope, { name, source: wanted.yaml, parent: read.parent ?? null, definition });
      for (const heir of heirs) await replace(tx, scope, heir);
    }
    return { provider: { ...definition, name }, created: !rows.has(name), usedBy: uses.map(({ uniqueKey }) => uniqueKey) };
  });
}

function checkName({ builtIns }: Needs, rows: Rows, name: string): void {
  if (rows.has(name)) return;
  if (builtIns.get(name)) {
    const message = `"${name}" is a provider of the catalogue. Choose a name of your own, such as my-${name}, and begin its definition with "extends: ${name}" to start from it`;
    throw problem('conflict', { message });
  }
  if (rows.size >= PROVIDERS_MAX) {
    throw problem('resource_capped', {
      message: `An environment defines at most ${PROVIDERS_MAX} providers; delete one that nothing uses`,
    });
  }
}

/** @throws invalid_body when it is none, or leads back */
function parentOf({ builtIns }: Needs, rows: Rows, name: string, { parent, placeOf }: Written): ProviderDefinition | undefined {
  if (parent === undefined) return undefined;
  const wrong = (message: string) => refused([{ path: ['extends'], message, ...placeOf(['extends']) }]);
  const line = lineOf(rows, name, parent);
  if (line.includes(name)) throw wrong(`leads back to "${name}": ${[name, ...line].join(' → ')}`);
  const own = rows.get(parent)?.definition;
  if (own) return own;
  const found = builtIns.get(parent);
  if (!found) throw wrong(`there is no provider "${parent}" in the catalogue or in this environment`);
  const { name: _name, ...definition } = found;
  return definition;
}

/** The parent, its parent and so on, as far as the environment's own go or back to the name itself. */
function lineOf(rows: Rows, name: string, parent: string): string[] {
  const next = parent === name ? null : rows.get(parent)?.parent;
  return next ? [parent, ...lineOf(rows, name, next)] : [parent];
}

/** What inherits from it, as it comes out now. @throws conflict naming all that would no longer fit */
function settleHeirs(rows: Rows, { name, definition }: Changed, known: Known): Changed[] {
  const settled = new Map([[name, definition]]);
  const broken: string[] = [];
  for (const heir of heirsOf(rows, name)) {
    const parent = settled.get(heir.parent ?? '');
    if (!parent) continue; // its parent is broken already
    const judged = judge(written(heir.source), { name: heir.name, parent, known });
    if ('definition' in judged) settled.set(heir.name, judged.definition);
    else broken.push(`"${heir.name}" (${firstOf(judged.findings)})`);
  }
  if (broken.length > 0)
    throw problem('conflict', { message: `Providers that extend "${name}" would no longer fit: ${broken.join('; ')}. Change them first` });
  return [...settled].flatMap(([heir, one]) => (heir === name ? [] : [{ name: heir, definition: one }]));
}

/** Credentials of one mode are of no use to another. @throws conflict */
function checkUses(changed: readonly Changed[], uses: readonly Use[]): void {
  const modes = new Map(changed.map(({ name, definition }) => [name, definition.auth_mode]));
  const broken = uses.filter(({ provider, authModes }) => authModes.some((mode) => mode !== modes.get(provider)));
  if (broken.length === 0) return;
  const named = broken.map(
    ({ uniqueKey, provider, authModes }) => `"${uniqueKey}" (${authModes.join(', ')}, would be ${modes.get(provider)})`,
  );
  const message = `Integrations have connections that were made in another auth mode: ${named.join('; ')}. Delete those connections first, or define the provider under another name`;
  throw problem('conflict', { message });
}

async function store(tx: Database, { environment }: InEnvironment, { name, source, parent, definition }: OwnRow): Promise<void> {
  await run(
    tx,
    sql`insert into custom_providers (environment_id, name, source, parent, definition)
        values (${environment.id}, ${name}, ${source}, ${parent}, ${JSON.stringify(definition)}::json)
        on conflict (environment_id, name) do update
           set source = excluded.source, parent = excluded.parent, definition = excluded.definition, updated_at = now()`,
  );
}

/** Its text stays. */
async function replace(tx: Database, { environment }: InEnvironment, { name, definition }: Changed): Promise<void> {
  await run(
    tx,
    sql`update custom_providers set definition = ${JSON.stringify(definition)}::json where environment_id = ${environment.id} and name = ${name}`,
  );
}
