/**
 * Compiles one function whose source came as text, perhaps from a stranger. There are no other files, so there is nothing to bundle: the types go,
 * imports become `require`, and every import but the authoring and runtime modules is refused. Nothing is read from disk and nothing is run.
 */
import { type CallExpression, type Node, parse } from 'acorn';
import { simple } from 'acorn-walk';
import { createsInline } from './bundle.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Entry } from './entry.ts';
import { authoringModules, disallowedImport, isAuthoringModule, isRuntimeModule } from './modules.ts';
import { findMistakes } from './rules.ts';
import { createOrigins } from './source-map.ts';
import { transformSource } from './transform.ts';

export type CompiledSource = { ok: true; js: string; problems: Diagnostic[] } | { ok: false; problems: Diagnostic[] };

/** Never throws for what the source says; `problems` may hold warnings when it succeeds. */
export const compileSource = async (entry: Entry, source: string): Promise<CompiledSource> => {
  const transformed = await transformSource(entry, source);
  if (!transformed.ok) return transformed;
  const js = authoring + transformed.js;
  const problems = look(entry, js);
  return problems.some(({ severity }) => severity === 'error') ? { ok: false, problems } : { ok: true, js, problems };
};

const look = (entry: Entry, js: string): Diagnostic[] => {
  try {
    return [...findImports(entry, js), ...findMistakes({ entry, js })];
  } catch (error) {
    // What esbuild wrote can be parsed, unless it is nested some thousand levels deep.
    if (!(error instanceof RangeError)) throw error;
    return [{ severity: 'error', code: 'nested_too_deeply', message: 'The code is nested too deeply to be read.', file: entry.file }];
  }
};

/** In one line before the first, which holds nothing of the author's, so that the source map stays right. */
const authoring = `require = ((given, names, create) => (name) => names.includes(name) ? create : given(name))(require, ${JSON.stringify(authoringModules)}, ${createsInline}); `;

/** What is imported under a computed name is refused by the sandbox when it comes to that. */
const findImports = (entry: Entry, js: string): Diagnostic[] => {
  const origins = createOrigins(js);
  const found: Diagnostic[] = [];
  const refuse = ({ loc }: Node, message: string): void => {
    const place = loc ? origins.at(loc.start.line, loc.start.column + 1) : undefined;
    found.push({ severity: 'error', code: 'disallowed_import', message, ...(place ?? { file: entry.file }) });
  };
  simple(parse(js, { ecmaVersion: 'latest', sourceType: 'script', locations: true }), {
    CallExpression(call) {
      const name = requiredBy(call);
      if (name === undefined || isAuthoringModule(name) || isRuntimeModule(name)) return;
      refuse(call, /^[./]/.test(name) ? noFiles(name) : disallowedImport(name));
    },
    ImportExpression(node) {
      refuse(node, 'import() is not available to functions. Write an import statement at the top.');
    },
  });
  return found;
};

const requiredBy = ({ callee, arguments: [name] }: CallExpression): string | undefined =>
  callee.type === 'Identifier' && callee.name === 'require' && name?.type === 'Literal' ? String(name.value) : undefined;

const noFiles = (name: string): string =>
  `'${name}' is not available: a function sent as text has no other files. Put what it needs into the same text.`;
