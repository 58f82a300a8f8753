/** A test file for those who prefer Vitest: it plays the recordings of one function with the mocks of `nango/test`. Pure. */
import type { Case } from '../fixture/find.ts';

/** Who takes it away keeps the file as it is. */
export const firstLine = '// Written by `bowline generate:tests`, which writes it anew. Remove this line to make the file yours.';

export const configText = `import { bowline } from 'bowline/vitest';\n\nexport default { plugins: [bowline()] };\n`;

/** What the mocks do not know, and \`bowline test\` does. */
const beyondMocks = ['payload', 'token', 'integration', 'variables', 'records', 'actions', 'lastSyncDate'] as const;

export const isForMocks = ({ compiled, fixture }: Case): boolean => {
  const { bowline } = fixture;
  const known = bowline?.expect?.error === undefined && beyondMocks.every((key) => bowline?.[key] === undefined);
  return known && compiled.definition.kind !== 'onEvent' && !answersOf(fixture.api).some((status) => status >= 300);
};

/** The mocks never throw for a status, as the platform does. */
const answersOf = (api: Case['fixture']['api']): number[] =>
  Object.values(api ?? {}).flatMap((byPath) =>
    Object.values(byPath).flatMap((entries) => (Array.isArray(entries) ? entries : [entries]).map(({ status }) => status ?? 200)),
  );

type Options = { readonly isYaml: boolean; readonly left: readonly string[] };

/** @param cases of one function; @param left recordings that only `bowline test` plays */
export const vitestText = (cases: readonly [Case, ...Case[]], { isYaml, left }: Options): string => {
  const { definition, schemas } = cases[0].compiled;
  const { entry } = definition;
  const [kind, mock] = definition.kind === 'action' ? (['action', 'NangoActionMock'] as const) : (['sync', 'NangoSyncMock'] as const);
  const models = schemas?.models ?? [];
  const rows = cases.map(
    ({ file, fixture }) => `    { name: '${baseOf(file)}'${fixture.bowline?.clock ? `, now: '${fixture.bowline.clock}'` : ''} },`,
  );
  const clocked = cases.some(({ fixture }) => fixture.bowline?.clock);
  const exec = isYaml ? kind : `${kind}.exec`;
  return `${firstLine}
import { ${mock} } from 'nango/test';
import { ${clocked ? 'afterEach, ' : ''}describe, expect, it${clocked ? ', vi' : ''} } from 'vitest';
import ${kind} from '../${entry.file.split('/').slice(1).join('/').replace(/\.ts$/, '.js')}';
${left.length > 0 ? `\n// Played by \`bowline test\` alone, because the mocks do not know all they need: ${left.map(baseOf).join(', ')}\n` : ''}
describe('${entry.integration} ${entry.name}', () => {
${clocked ? '  afterEach(() => vi.useRealTimers());\n' : ''}  it.each${clocked ? '<{ name: string; now?: string }>' : ''}([
${rows.join('\n')}
  ])('${kind === 'action' ? 'answers what was recorded' : 'keeps what was recorded'}: $name', async ({ name${clocked ? ', now' : ''} }) => {
${clocked ? "    if (now) vi.useFakeTimers({ now: new Date(now), toFake: ['Date'] });\n" : ''}    const nango = new ${mock}({ dirname: import.meta.dirname, name${kind === 'sync' ? `, Model: '${models.join(',')}'` : ''} });
${kind === 'action' ? actionBody(exec) : syncBody(exec, models)}  });
});
`;
};

const actionBody = (exec: string): string => `    const input = await nango.getInput();
    const output = await ${exec}(nango as never, input as never);
    expect(output ?? null).toEqual((await nango.getOutput()) ?? null);
`;

const syncBody = (exec: string, models: readonly string[]): string => `    await ${exec}(nango as never);
    for (const model of ${JSON.stringify(models).replaceAll('"', "'").replaceAll(',', ', ')}) {
      const saved = nango.batchSave.mock.calls.flatMap(([records, kept]) => (kept === model ? records : []));
      const deleted = nango.batchDelete.mock.calls.flatMap(([records, kept]) => (kept === model ? records : []));
      expect(JSON.parse(JSON.stringify(saved))).toEqual((await nango.getBatchSaveData(model)) ?? []);
      expect(JSON.parse(JSON.stringify(deleted))).toEqual((await nango.getBatchDeleteData(model)) ?? []);
    }
`;

const baseOf = (file: string): string => (file.split('/').at(-1) ?? '').replace(/\.test\.json$/, '');
