/**
 * Type-checks author code with fixed options, some hundred functions at a time; the project's own tsconfig is for its editor.
 * Every name authors import is mapped to our copy, so a project needs no install. TypeScript 7 runs as a subprocess: its API is not stable yet.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import type { Entry } from '@bowline/compile/entry';
import { authoringModules } from '@bowline/compile/modules';
import { exitCodes, Failure } from '../failure.ts';
import { toolbox } from '../toolbox.ts';

/** 6,000 functions in one program took 5.3 GB. A program of 600 takes 0.8 GB, and about 0.6 s of CPU to read what all have in common. */
const atOnceMax = 600;

export const typecheck = async (root: string, entries: readonly Entry[]): Promise<Diagnostic[]> => {
  const found: Diagnostic[] = [];
  for (let at = 0; at < entries.length; at += atOnceMax) found.push(...(await typecheckSome(root, entries.slice(at, at + atOnceMax))));
  return found;
};

/** The compiler is started before this returns: what the caller does next in this process, it does meanwhile. */
const typecheckSome = async (root: string, entries: readonly Entry[]): Promise<Diagnostic[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-typecheck-'));
  try {
    const config = join(folder, 'tsconfig.json');
    const untyped = join(folder, 'untyped.d.ts');
    writeFileSync(
      untyped,
      sandboxOnly(root)
        .map((name) => `declare module '${name}';\n`)
        .join(''),
    );
    writeFileSync(config, JSON.stringify(configFor(root, entries, untyped)));
    return await runTsc(root, config);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const configFor = (root: string, entries: readonly Entry[], untyped: string) => ({
  compilerOptions: compilerOptions(),
  files: [untyped, ...entries.map(({ file }) => join(root, file))],
});

/** Paths are absolute: they are where the command lies on this machine. */
export const compilerOptions = () => ({
  ...strictness,
  // As Node 16's rules, but a project without `"type": "module"` may import our types, which are an ES module.
  module: 'nodenext',
  moduleResolution: 'nodenext',
  target: 'esnext',
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
  // The types authors import are TypeScript sources that name each other with their extension.
  allowImportingTsExtensions: true,
  types: ['node'],
  typeRoots: toolbox.typeRoots(),
  paths: {
    ...Object.fromEntries(authoringModules.map((name) => [name, [toolbox.functionsPath()]])),
    zod: [toolbox.zodTypesPath()],
  },
});

/** What the sandbox provides and the project has not installed is untyped; an installed copy brings its own types. */
const sandboxOnly = (root: string): string[] => {
  const fromProject = createRequire(join(root, 'package.json'));
  return ['soap', 'unzipper', 'botbuilder'].filter((name) => {
    try {
      fromProject.resolve(name);
      return false;
    } catch {
      return true;
    }
  });
};

/** The options existing functions were written under; looser or stricter ones would change what compiles. */
const strictness = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noFallthroughCasesInSwitch: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  allowUnreachableCode: false,
  allowUnusedLabels: false,
};

const runTsc = (root: string, config: string): Promise<Diagnostic[]> =>
  new Promise((resolve, reject) => {
    const [program, ...words] = toolbox.tscCommand();
    execFile(
      program,
      [...words, '-p', config, '--pretty', 'false'],
      { cwd: root, maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const diagnostics = parseDiagnostics(stdout);
        if (error && diagnostics.length === 0) {
          reject(new Failure(exitCodes.compile, `The TypeScript compiler failed: ${(stderr || stdout || error.message).trim()}`));
        } else resolve(diagnostics);
      },
    );
  });

/** Where the compiler's own words do not say what to do. */
const plainer: Readonly<Record<string, string>> = { TS1490: 'The file is not text in UTF-8. Save it as UTF-8.' };

/** `file(line,column): error TS1234: message`, its explanation indented on the lines that follow. */
export const parseDiagnostics = (output: string): Diagnostic[] => {
  const diagnostics: Diagnostic[] = [];
  for (const line of output.split(/\r?\n/)) {
    const match = /^(?:(.+?)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(line);
    const last = diagnostics.at(-1);
    if (match) {
      const [, file, row, column, code = '', message = ''] = match;
      const place = file === undefined ? {} : { file: file.replaceAll('\\', '/'), line: Number(row), column: Number(column) };
      diagnostics.push({ severity: 'error', code, message: plainer[code] ?? message, ...place });
    } else if (last && /^\s+\S/.test(line)) last.message += `\n${line}`;
  }
  return diagnostics;
};
