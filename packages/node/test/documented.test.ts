/** What is exported is documented, and the examples in the documentation compile. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { compile } from './compile.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const src = join(root, 'packages/node/src');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const sources = readdirSync(src).map((name) => ({ name, text: readFileSync(join(src, name), 'utf8') }));
/** Its types are handed on; its examples compile with the package for pages, which hands them on too. */
const shared = { name: 'the contract', text: read('packages/api/src/field-mapping.ts') };

type Documented = { name: string; comment: string | undefined };
/** The public methods of each class with the comment above them; overloads after the first share its comment. */
const methods: Documented[] = sources.flatMap(({ name, text }) => {
  const { program, comments } = parseSync(name, text);
  const above = (start: number) => comments.findLast(({ end }) => end <= start && text.slice(end, start).trim() === '')?.value;
  return program.body.flatMap((statement) => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : undefined;
    if (declared?.type !== 'ClassDeclaration') return [];
    const found = new Map<string, string | undefined>();
    for (const member of declared.body.body) {
      if (!('key' in member) || member.key.type !== 'Identifier' || !('value' in member) || !('kind' in member)) continue;
      if (member.kind === 'constructor' || member.accessibility === 'private' || member.accessibility === 'protected') continue;
      if (!found.has(member.key.name)) found.set(member.key.name, above(member.start));
    }
    return [...found].map(([method, comment]) => ({ name: `${declared.id?.name}.${method}`, comment }));
  });
});

/** What the package exports, values and types, with the comment where it is declared. */
const exported: Documented[] = ['index.ts', 'file.ts'].flatMap((entry) => {
  const text = sources.find(({ name }) => name === entry)?.text ?? '';
  const direct = [...text.matchAll(/^export (?:class|function|const|type) (\w+)/gm)].map(([, name = '']) => name);
  const handedOn = [...text.matchAll(/^export (?:type )?\{([^}]+)\} from/gm)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map(
        (one) =>
          one
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0] ?? '',
      )
      .filter((name) => name !== ''),
  );
  return [...new Set([...direct, ...handedOn])].map((name) => {
    const declaration = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\nexport (?:class|function|const|type) ${name}\\b`);
    return {
      name,
      comment: [...sources, shared].map((source) => declaration.exec(source.text)?.[1]).find((comment) => comment !== undefined),
    };
  });
});

describe('every public method, every exported value and every exported type says what it is, with an example', () => {
  test('and there are as many as we think', () => {
    expect(methods.filter(({ name }) => /Calls\./.test(name))).toHaveLength(53);
    expect(exported.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Bowline', 'BowlineError', 'ProxyError', 'memoryCursors', 'fileCursors', 'Connection', 'WebhookEvent']),
    );
    expect(exported.length).toBeGreaterThan(70);
  });

  test.each([...methods.filter(({ name }) => /Calls\./.test(name)), ...exported])('$name', ({ comment }) => {
    expect(comment).toMatch(/^\*?\s*\*? *\S/);
    expect(comment).toContain('@example');
  });
});

/** What the examples speak of without saying what it is. */
const prelude = `
import type { Bowline, CursorStore } from '@bowline/node';
declare global {
  type Issue = { id: string; title: string };
  const client: Bowline;
  const secretKey: string;
  const signal: AbortSignal;
  let cursor: string | undefined;
  const rawBody: string;
  const issues: { providerConfigKey: string; connectionId: string; model: string };
  const started: { id: string; statusUrl: string };
  function store(record: object): Promise<void>;
  function index(records: object): Promise<void>;
  function read(connectionId: string, model: string): Promise<void>;
}
`;

const examples = sources.flatMap(({ name, text }) =>
  [...text.matchAll(/@example\n((?: *\* ?.*\n)+?) *\*\/\n/g)].map(([, lines = ''], index) => ({
    name: `${name}-${index}`,
    code: lines.replaceAll(/^ *\* ?/gm, ''),
  })),
);
const guides = ['packages/node/README.md', 'docs/node-sdk.md', 'README.md'].flatMap((path) =>
  [...read(path).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ''], index) => ({
    name: `${path.replaceAll('/', '-')}-${index}`,
    code,
  })),
);

test('the examples and the guides compile', async () => {
  expect(examples.length).toBeGreaterThan(120);
  expect(guides.length).toBeGreaterThan(10);
  mkdirSync(join(root, 'packages/node/build'), { recursive: true }); // inside the repository, where the package is found
  const folder = mkdtempSync(join(root, 'packages/node/build/examples-'));
  try {
    writeFileSync(join(folder, 'prelude.d.ts'), prelude);
    const files = [...examples, ...guides].map(({ name, code }) => {
      const file = join(folder, `${name}.ts`);
      const imports = /\bimport\b/.test(code) ? '' : "import { Bowline, BowlineError, memoryCursors, ProxyError } from '@bowline/node';\n";
      const [head, body] = [code.match(/^import .*\n/gm)?.join('') ?? '', code.replaceAll(/^import .*\n/gm, '')];
      writeFileSync(
        file,
        `${imports}${head}${name.includes('.md') ? body : `export async function example(request: any, reply: any) {\n${body}\n}`}\nexport {};\n`,
      );
      return file;
    });
    const options = { skipLibCheck: true, allowImportingTsExtensions: true, exactOptionalPropertyTypes: false, noImplicitReturns: false };
    expect(await compile([join(folder, 'prelude.d.ts'), ...files], options)).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
