/**
 * Builds what is published into `dist`: ES modules and CommonJS by esbuild, declarations by tsc, and a package.json of its own.
 * The ES modules share what they have in common, so that the client's class is the same in all of them.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const { resolve } = createRequire(import.meta.url);
const entries = ['index.ts', 'elements.ts', 'react.tsx'];
/** Types of the contract that callers see. It is not published, so their declarations are copied. */
const copied = { '@bowline/api/field-mapping': 'mapping-rules' };

/** Returns the folder that can be packed, for tests: `packages/browser/dist` unless told. */
export async function build(folder = join(here, 'dist')) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await Promise.all([bundle(folder, 'esm', '.js'), bundle(folder, 'cjs', '.cjs')]);
  declare(folder);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  cpSync(join(here, 'README.md'), join(folder, 'README.md'));
  cpSync(join(here, '../../LICENSE'), join(folder, 'LICENSE'));
  return folder;
}

async function bundle(outdir, format, extension) {
  await esbuild.build({
    entryPoints: entries.map((name) => join(here, 'src', name)),
    outdir,
    format,
    outExtension: { '.js': extension },
    bundle: true,
    splitting: format === 'esm',
    chunkNames: 'shared-[hash]',
    platform: 'neutral',
    jsx: 'automatic',
    external: ['react', 'react/jsx-runtime'],
    target: 'es2022',
    logLevel: 'warning',
  });
}

/** One declaration a source, once for each module system. */
function declare(folder) {
  mkdirSync(join(here, 'build'), { recursive: true }); // inside the repository, where the packages are found
  const scratch = mkdtempSync(join(here, 'build/declare-'));
  try {
    const shared = Object.keys(copied).map((name) => join(here, '..', `${name.replace('@bowline/api/', 'api/src/')}.ts`));
    const files = [...entries.map((name) => join(here, 'src', name)), ...shared];
    const compilerOptions = {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: join(scratch, 'out'),
      rootDir: join(here, '..'),
      rewriteRelativeImportExtensions: true,
    };
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, files, include: [] }));
    const tsc = join(dirname(resolve('typescript/package.json')), 'bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', join(scratch, 'tsconfig.json'), '--pretty', 'false'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const made = join(scratch, 'out/browser/src');
    for (const [from, name] of Object.entries(copied)) {
      cpSync(join(scratch, `out/api/src/${from.split('/').at(-1)}.d.ts`), join(made, `${name}.d.ts`));
    }
    for (const name of readdirSync(made).filter((file) => file.endsWith('.d.ts'))) {
      let text = readFileSync(join(made, name), 'utf8');
      for (const [from, to] of Object.entries(copied)) text = text.replaceAll(`'${from}'`, `'./${to}.ts'`);
      if (/@bowline\/api|\bzod\b/.test(text)) throw new Error(`${name} refers to a package that is not published`);
      writeFileSync(join(folder, name), relink(text, '.js'));
      writeFileSync(join(folder, name.replace(/\.d\.ts$/, '.d.cts')), relink(text, '.cjs'));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Sources import `./x.ts`; declarations name what is there at run time in their module system. */
function relink(text, extension) {
  return text.replaceAll(/(['"])(\.\/[\w-]+)\.(?:tsx?|js)\1/g, `$1$2${extension}$1`);
}

function manifest() {
  const { private: _, scripts: _scripts, devDependencies: _dev, ...own } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const conditions = (name) => ({
    import: { types: `./${name}.d.ts`, default: `./${name}.js` },
    require: { types: `./${name}.d.cts`, default: `./${name}.cjs` },
  });
  return {
    ...own,
    keywords: ['bowline', 'integrations', 'oauth', 'connect', 'sdk'],
    // Importing them defines the elements.
    sideEffects: ['./elements.*', './react.*', './shared-*'],
    engines: { node: '>=20' },
    main: './index.cjs',
    module: './index.js',
    types: './index.d.cts',
    exports: {
      '.': conditions('index'),
      './elements': conditions('elements'),
      './react': conditions('react'),
      './package.json': './package.json',
    },
    files: ['*.js', '*.cjs', '*.d.ts', '*.d.cts', 'README.md', 'LICENSE'],
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
