/** What is exported is documented, and the examples in the documentation compile. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compile } from '../../node/test/compile.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const src = join(root, 'packages/browser/src');
const rules = join(root, 'packages/api/src/field-mapping.ts');
const sources = [...readdirSync(src).map((name) => join(src, name)), rules].map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** What each entry exports, with the comment where it is declared. */
const names = ['index.ts', 'elements.ts', 'react.tsx'].flatMap((entry) => {
  const text = readFileSync(join(src, entry), 'utf8');
  const direct = [...text.matchAll(/^export (?:class|function|const|type) (\w+)/gm)].map(([, name = '']) => name);
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]+)\} from/gm)].flatMap(([, list = '']) => list.match(/\w+/g) ?? []);
  return [...direct, ...lists].filter((name) => !['type', 'as', 'Nango'].includes(name));
});
const exported = [...new Set(names)].map((name) => {
  const declaration = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\nexport (?:class|function|const|type) ${name}\\b`);
  return { name, comment: sources.map((source) => declaration.exec(source.text)?.[1]).find((comment) => comment !== undefined) };
});

test.each(exported)('$name says what it is', ({ name, comment }) => {
  expect(comment).toMatch(/^\*?\s*\*? *\S/);
  if (name !== 'AuthSuccess') expect(comment).toContain('@example');
});

/** What the examples speak of without saying what it is. */
const prelude = `
import type { Bowline, ConnectUIEvent } from '@bowline/browser';
import type { FieldMappingSource } from '@bowline/browser/elements';
import type { ConnectionState } from '@bowline/browser/react';
declare global {
  const client: Bowline;
  const bowline: Bowline;
  const source: FieldMappingSource & (() => Promise<ConnectionState>);
  const connectSessionToken: string;
  const apiKey: string;
  const element: import('@bowline/browser/elements').FieldMappingElement;
  const mapping: import('@bowline/browser/elements').FieldMappingElement;
  const button: import('@bowline/browser/elements').ConnectButtonElement;
  const badge: import('@bowline/browser/elements').ConnectionStatusElement;
  function onEvent(event: ConnectUIEvent): void;
  function save(connectionId: string, key?: string): void;
  function show(message: string): void;
  function tell(message: string): void;
  function setStep(step: string): void;
  function askMyBackend(): Promise<ConnectionState>;
  function tokenFromMyBackend(): Promise<string>;
}
`;
const entries = { '@bowline/browser': 'index.ts', '@bowline/browser/elements': 'elements.ts', '@bowline/browser/react': 'react.tsx' };

test('the examples and the guides compile', async () => {
  const examples = sources.flatMap(({ text }) =>
    [...text.matchAll(/@example\n((?: *\* ?.*\n)+?) *\*\/\n/g)].map(([, lines = '']) => lines.replaceAll(/^ *\* ?/gm, '')),
  );
  const guides = ['packages/browser/README.md', 'docs/browser-sdk.md'].flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/```tsx?\n([\s\S]*?)```/g)].map(([, code = '']) => code),
  );
  const ofPages = guides.filter((code) => !/createConnectSession|@bowline\/node/.test(code)); // those of backends
  expect([examples.length, ofPages.length]).toEqual([expect.toSatisfy((count) => count > 25), 4]);
  mkdirSync(join(root, 'packages/browser/build'), { recursive: true }); // inside the repository, where the packages are found
  const folder = mkdtempSync(join(root, 'packages/browser/build/examples-'));
  try {
    writeFileSync(join(folder, 'prelude.d.ts'), prelude);
    const files = [...examples, ...ofPages].map((code, index) => {
      const [head, body] = [code.match(/^import .*\n/gm)?.join('') ?? '', code.replaceAll(/^import .*\n/gm, '')];
      // An example that imports nothing may name whatever the package exports and it does not declare itself.
      const others = Object.entries(entries).map(([from, entry]) => {
        const names = readFileSync(join(src, entry), 'utf8').match(/\b[A-Z]\w+|\bmappingSource\b/g) ?? [''];
        const free = exported.filter(({ name }) => names.includes(name) && body.includes(name) && !head.includes(name));
        return { from, names: free.map(({ name }) => name) };
      });
      const taken = new Set<string>();
      const imports = others.map(({ from, names }) => {
        const own = names.filter((name) => !taken.has(name));
        for (const name of own) taken.add(name);
        return own.length > 0 ? `import { ${own.join(', ')} } from '${from}';\n` : '';
      });
      const elements = body.replaceAll(/^<.*>$/gm, (line) => `void (${line});`);
      const file = join(folder, `example-${index}.tsx`);
      writeFileSync(file, `${imports.join('')}${head}export async function example() {\n${elements}\n}\n`);
      return file;
    });
    const options = {
      lib: ['es2023', 'dom', 'dom.iterable'],
      jsx: 'react-jsx',
      module: 'esnext',
      moduleResolution: 'bundler',
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      exactOptionalPropertyTypes: false,
      noImplicitReturns: false,
    };
    expect(await compile([join(folder, 'prelude.d.ts'), ...files], options)).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
