/**
 * Builds what is published into `dist`: ES modules and CommonJS by esbuild, declarations by tsc, and a package.json of its own.
 * The types of the contract are written out flat, and the hash function is put in, so that the package depends on nothing.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const { resolve } = createRequire(import.meta.url);
const entries = ['index', 'file'];
/** Types of the contract that callers see and that need no writing out. */
const copied = { '@bowline/api/field-mapping': 'mapping-rules' };

/** Returns the folder that can be packed, for tests: `packages/node/dist` unless told. */
export async function build(folder = join(here, 'dist')) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await Promise.all([bundle(folder, 'esm', '.js'), bundle(folder, 'cjs', '.cjs')]);
  declare(folder);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  cpSync(join(here, 'README.md'), join(folder, 'README.md'));
  cpSync(join(here, '../../LICENSE'), join(folder, 'LICENSE'));
  const notice = readFileSync(join(dirname(resolve('@noble/hashes/hmac.js')), 'LICENSE'), 'utf8');
  writeFileSync(
    join(folder, 'THIRD-PARTY-LICENSES'),
    `@noble/hashes, of which HMAC and SHA-256 are part of this package:\n\n${notice.trim()}\n`,
  );
  return folder;
}

async function bundle(outdir, format, extension) {
  await esbuild.build({
    entryPoints: entries.map((name) => join(here, 'src', `${name}.ts`)),
    outdir,
    format,
    outExtension: { '.js': extension },
    bundle: true,
    platform: 'neutral',
    external: ['node:*'],
    target: 'es2022',
    keepNames: false,
    logLevel: 'warning',
  });
}

/** One declaration a source, once for each module system. */
function declare(folder) {
  mkdirSync(join(here, 'build'), { recursive: true }); // inside the repository, where the packages are found
  const scratch = mkdtempSync(join(here, 'build/declare-'));
  try {
    const names = exported(readFileSync(join(here, 'src/wire.ts'), 'utf8'));
    writeFileSync(
      join(scratch, 'flat.ts'),
      [
        "import type * as wire from '../../src/wire.ts';",
        'declare function of<T>(): T;',
        ...names.map((name) => `export const ${name} = of<wire.${name}>();`),
        '',
      ].join('\n'),
    );
    const shared = Object.keys(copied).map((name) => join(here, '..', `${name.replace('@bowline/api/', 'api/src/')}.ts`));
    const files = [join(scratch, 'flat.ts'), ...entries.map((name) => join(here, 'src', `${name}.ts`)), ...shared];
    const compilerOptions = {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: join(scratch, 'out'),
      rootDir: join(here, '..'),
    };
    const rewrite = { rewriteRelativeImportExtensions: true, typeRoots: [join(here, '../../node_modules/@types')] };
    const config = { extends: '../../../../tsconfig.base.json', compilerOptions: { ...compilerOptions, ...rewrite }, files };
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(dirname(resolve('typescript/package.json')), 'bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', join(scratch, 'tsconfig.json'), '--pretty', 'false'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const made = join(scratch, 'out/node');
    const flat = flatten(readFileSync(join(made, scratch.slice(here.length + 1), 'flat.d.ts'), 'utf8'));
    for (const [from, name] of Object.entries(copied)) {
      cpSync(join(scratch, `out/api/src/${from.split('/').at(-1)}.d.ts`), join(made, 'src', `${name}.d.ts`));
    }
    for (const name of readdirSync(join(made, 'src')).filter((file) => file.endsWith('.d.ts'))) {
      let text = name === 'wire.d.ts' ? flat : readFileSync(join(made, 'src', name), 'utf8');
      for (const [from, to] of Object.entries(copied)) text = text.replaceAll(`'${from}'`, `'./${to}.ts'`);
      if (/@bowline\/api|\bzod\b/.test(text)) throw new Error(`${name} refers to a package that is not published`);
      writeFileSync(join(folder, name), relink(text, '.js'));
      writeFileSync(join(folder, name.replace(/\.d\.ts$/, '.d.cts')), relink(text, '.cjs'));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const exported = (source) => [...source.matchAll(/^export type (\w+) =/gm)].map(([, name]) => name);

/** The types of constants, which the compiler writes out whole, as types. */
function flatten(text) {
  // The compiler names a union by the alias it was made under; an alias of an indexed access is written out.
  if (/\bwire\./.test(text)) throw new Error(`write this type of wire.ts so that the compiler spells it out: ${/.*\bwire\..*/.exec(text)}`);
  const types = text.replaceAll(/^export declare const (\w+): /gm, 'export type $1 = ');
  return `/** What the routes take and answer. Made from the contract by the build. */\n${types}`;
}

/** Sources import `./x.ts`; declarations name what is there at run time in their module system. */
function relink(text, extension) {
  return text.replaceAll(/(['"])(\.\/[\w-]+)\.(?:ts|js)\1/g, `$1$2${extension}$1`);
}

function manifest() {
  const { private: _, scripts: _scripts, devDependencies: _dev, ...own } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const conditions = (name) => ({
    import: { types: `./${name}.d.ts`, default: `./${name}.js` },
    require: { types: `./${name}.d.cts`, default: `./${name}.cjs` },
  });
  return {
    ...own,
    keywords: ['bowline', 'integrations', 'oauth', 'sync', 'sdk'],
    sideEffects: false,
    engines: { node: '>=20' },
    main: './index.cjs',
    module: './index.js',
    types: './index.d.cts',
    exports: { '.': conditions('index'), './file': conditions('file'), './package.json': './package.json' },
    files: ['*.js', '*.cjs', '*.d.ts', '*.d.cts', 'README.md', 'LICENSE', 'THIRD-PARTY-LICENSES'],
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
