import { copyFileSync, cpSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtInFolder, loadCatalogue } from '../src/catalogue.ts';
import { runCatalogue } from '../src/command.ts';
import { compileCatalogue } from '../src/compile.ts';
import { compiledFile, readCompiled } from '../src/compiled.ts';

const docs = 'categories: [other]\ndocs: https://x.example.com/docs\n';

/** A catalogue of two, compiled, whose files can be told from what the compiled one holds. */
function small() {
  const folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  const compiled = join(mkdtempSync(join(tmpdir(), 'compiled-')), 'catalogue.json');
  const long = new Date(Date.now() - 60_000);
  const write = (name: string, text: string, at = long) => {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), at, at);
    utimesSync(folder, at, at);
  };
  write('parent.yaml', `display_name: Parent\nauth_mode: NONE\n${docs}proxy: {base_url: "https://parent.example.com"}\n`);
  write('child.yaml', 'extends: parent\ndisplay_name: Child\n');
  compileCatalogue({ folder, file: compiled });
  const names = (extra: string[] = []) =>
    loadCatalogue({ folder, compiled, extra })
      .list()
      .map((provider) => provider.display_name);
  return { folder, compiled, write, names };
}

test('the compiled catalogue of a run is current and says what the files say', () => {
  expect(readCompiled(builtInFolder, compiledFile)).toBeDefined();
  expect(loadCatalogue().list()).toEqual(loadCatalogue({ folder: builtInFolder }).list());
});

test('files are not read while the compiled catalogue is newer', () => {
  const { write, names } = small();
  write('child.yaml', 'extends: parent\ndisplay_name: Changed in the past\n');
  expect(names()).toEqual(['Child', 'Parent']);
});

test.each<[string, (catalogue: ReturnType<typeof small>) => void, string[]]>([
  ['changed', ({ write }) => write('child.yaml', 'extends: parent\ndisplay_name: New\n', new Date(Date.now() + 5000)), ['New', 'Parent']],
  [
    'added',
    ({ write }) => write('third.yaml', 'extends: parent\ndisplay_name: Third\n', new Date(Date.now() + 5000)),
    ['Child', 'Parent', 'Third'],
  ],
  [
    'taken away',
    ({ folder }) => {
      rmSync(join(folder, 'child.yaml'));
      utimesSync(folder, new Date(Date.now() + 5000), new Date(Date.now() + 5000));
    },
    ['Parent'],
  ],
  ['compiled only in part', ({ compiled }) => writeFileSync(compiled, '{"providers": ['), ['Child', 'Parent']],
  ['never compiled', ({ compiled }) => rmSync(compiled), ['Child', 'Parent']],
])('a catalogue with files %s is read from its files', (_, change, expected) => {
  const catalogue = small();
  change(catalogue);
  expect(catalogue.names()).toEqual(expected);
});

test('who replaces a compiled provider replaces what others inherit from it, and may extend it', () => {
  const { folder, compiled } = small();
  const extra = join(mkdtempSync(join(tmpdir(), 'compiled-')), 'parent.yaml');
  writeFileSync(extra, 'extends: parent\nproxy: {base_url: "https://other.example.com"}\n');
  const catalogue = loadCatalogue({ folder, compiled, extra });
  expect(catalogue.get('parent')).toMatchObject({ display_name: 'Parent', proxy: { base_url: 'https://other.example.com' } });
  expect(catalogue.get('child')).toMatchObject({ display_name: 'Child', proxy: { base_url: 'https://other.example.com' } });
});

test('a file that changes while the catalogue is compiled is read again', () => {
  const { folder, compiled } = small();
  utimesSync(join(folder, 'child.yaml'), new Date(), new Date(Date.now() + 1));
  expect(readCompiled(folder, compiled)).toBeUndefined();
});

test('a catalogue with a file that does not fit is not compiled', () => {
  const folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  cpSync(builtInFolder, folder, { recursive: true, filter: (path) => !path.endsWith('.yaml') });
  copyFileSync(join(builtInFolder, 'slack.yaml'), join(folder, 'slack.yaml'));
  writeFileSync(join(folder, 'wrong.yaml'), 'display_name: Wrong\n');
  const io = { print: () => {}, cwd: folder, folder, compiled: join(folder, 'catalogue.json') };
  expect(() => runCatalogue(['compile'], io)).toThrow(/wrong\.yaml: .*auth_mode/);
});
