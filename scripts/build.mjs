/**
 * `npm run build`: bundles what runs (server, command, runner, dashboard, connect page) and compiles the catalogue of functions, each only when something it is made from changed.
 * Deciding costs a hash of the inputs' contents, so that a second start is quick and a touched file does not rebuild.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeProgram } from './make-program.mjs';
import { ownMap } from './own-map.mjs';
import { say } from './say.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => join(root, path);
const always = [
  ...['build', 'own-map', 'make-program', 'load-program', 'cache-program'].map((name) => `scripts/${name}.mjs`),
  'package-lock.json',
];

const targets = [
  {
    name: 'server',
    entry: 'packages/server/src/main.ts',
    output: 'packages/server/dist/main.js',
    inputs: [
      'packages/server/src',
      'packages/api/src',
      'packages/providers/src',
      'packages/functions/src',
      'packages/compile/src',
      'packages/sandbox/src',
    ],
    make: program,
  },
  {
    name: 'schema worker', // a thread of the server
    entry: 'packages/server/src/base/schema-worker.ts',
    output: 'packages/server/dist/schema-worker.js',
    inputs: ['packages/server/src/base', 'packages/compile/src'],
    make: bundleWhole,
  },
  {
    name: 'page thread', // a thread of the server
    entry: 'packages/server/src/records/page-thread.ts',
    output: 'packages/server/dist/page-thread.js',
    inputs: ['packages/server/src/base', 'packages/server/src/records', 'packages/server/src/vault', 'packages/api/src'],
    make: bundleWhole,
  },
  {
    name: 'keys', // the operator's command, beside the server
    entry: 'packages/server/src/keys.ts',
    output: 'packages/server/dist/keys.js',
    inputs: ['packages/server/src', 'packages/api/src', 'packages/providers/src'],
    make: bundle,
  },
  {
    name: 'catalogue command', // of whoever edits catalogue files
    entry: 'packages/providers/src/command.ts',
    output: 'packages/providers/dist/command.js',
    inputs: ['packages/providers/src'],
    make: bundleWhole,
  },
  {
    name: 'catalogue',
    entry: 'packages/providers/dist/command.js',
    output: 'packages/providers/dist/catalogue.json',
    inputs: ['packages/providers/src', 'packages/providers/catalog'],
    make: catalogue,
    fresh: touch,
  },
  {
    name: 'command',
    entry: 'packages/cli/src/bowline.ts',
    output: 'packages/cli/dist/bowline.js',
    inputs: [
      'packages/cli/src',
      'packages/api/src',
      'packages/functions/src',
      'packages/compile/src',
      'packages/providers/src',
      'packages/sandbox/src',
    ],
    make: bundle,
  },
  {
    name: 'vitest plugin', // loaded by Node as it is, with a project's vitest.config.ts
    entry: 'packages/cli/src/vitest.ts',
    output: 'packages/cli/dist/vitest.js',
    inputs: ['packages/cli/src', 'packages/compile/src'],
    make: bundle,
  },
  {
    name: 'runner',
    entry: 'packages/runner/build.mjs',
    output: 'packages/runner/dist/runner.js',
    inputs: [
      'packages/runner/build.mjs',
      'packages/runner/libraries.mjs',
      'packages/runner/src',
      'packages/api/src',
      'packages/functions/src',
      'packages/compile/src',
    ],
    make: async ({ entry }) => (await import(pathToFileURL(at(entry)).href)).build(),
  },
  {
    name: 'demo',
    entry: 'demo/src/demo.ts',
    output: 'demo/dist/demo.js',
    inputs: ['demo/src', 'packages/api/src'],
    make: bundleWhole,
  },
  {
    name: 'emulator', // of the demo: a process of its own
    entry: 'demo/src/emulator/main.ts',
    output: 'demo/dist/emulator.js',
    inputs: ['demo/src/emulator'],
    make: bundle,
  },
  {
    name: 'templates',
    entry: 'packages/cli/src/templates.ts',
    output: 'examples/integrations/dist/templates.json',
    inputs: ['packages/cli/src', 'packages/compile/src', 'packages/functions/src', 'examples/integrations'],
    make: templates,
  },
  {
    name: 'template sources', // what `bowline init` and `clone` write, without the network
    entry: 'packages/cli/src/template/collect.ts',
    output: 'packages/cli/dist/templates.json',
    inputs: ['packages/cli/src', 'packages/compile/src', 'packages/functions/src', 'examples/integrations'],
    make: templateSources,
  },
  {
    name: 'dashboard',
    entry: 'apps/dashboard/index.html',
    output: 'apps/dashboard/dist/index.html',
    inputs: ['apps/dashboard', 'packages/api/src', 'packages/browser/src'],
    make: vite,
  },
  {
    name: 'connect page',
    entry: 'apps/connect/index.html',
    output: 'apps/connect/dist/index.html',
    inputs: ['apps/connect', 'packages/api/src', 'packages/browser/src'],
    make: vite,
  },
];

/** Builds what is out of date; throws when a build fails. @param names only these, else all */
export async function build(names) {
  for (const target of targets.filter(({ name }) => names?.includes(name) ?? true)) {
    if (!existsSync(at(target.entry))) {
      say(`skipped ${target.name}: no ${target.entry}`);
      continue;
    }
    const stamp = at(`node_modules/.cache/bowline/${target.name}`);
    const looked = new Date();
    const inputs = hash([...always, ...target.inputs]);
    if (existsSync(at(target.output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) {
      target.fresh?.(target, looked);
      continue;
    }
    const started = performance.now();
    rmSync(stamp, { force: true }); // a build that fails half-way is not up to date
    await target.make(target);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, inputs);
    say(`built ${target.name}`, started);
  }
  // Its process of 50 MB would otherwise stay as long as the platform that `npm start` runs in this one.
  await (await import('esbuild')).stop();
}

/** Ours goes into one file, what comes from npm stays outside. */
async function bundle({ entry, output }) {
  await make({ entry, output }, { plugins: [npmOutside] });
}

/** `pg` asks for the first only if it is there. The second is loaded by the first MCP call, if there is one: inside it would be text that every start reads. */
const outside = ['pg-native', '@modelcontextprotocol/server'];

/**
 * With what comes from npm inside: loading the server's 700 modules one by one took 500 ms of CPU at every start, one file takes 220.
 * Modules of npm that call `require` find one.
 */
export async function bundleWhole({ entry, output }) {
  const require = "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";
  await make({ entry, output }, { external: outside, banner: { js: require }, plugins: [] });
  const map = `${at(output)}.map`;
  writeFileSync(map, JSON.stringify(ownMap(JSON.parse(readFileSync(map, 'utf8')))));
}

/** As `bundleWhole`, and compiled beforehand: see `load-program.mjs`. */
async function program({ entry, output }) {
  await makeProgram(at(output), (path, options) => make({ entry, output: path }, { external: outside, plugins: [], ...options }));
}

async function make({ entry, output }, { plugins, ...options }) {
  const esbuild = await import('esbuild');
  await esbuild.build({
    entryPoints: [at(entry)],
    outfile: resolve(root, output),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    ...options,
    plugins: [...plugins, ownUrls(dirname(resolve(root, output)))],
  });
}

const npmOutside = {
  name: 'npm-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@bowline/') ? undefined : { path, external: true },
    );
  },
};

/** `import.meta.url` keeps naming the source file, so that migrations and catalogue files are found beside it in a bundle too. */
const ownUrls = (folder) => ({
  name: 'own-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const url = `new URL(${JSON.stringify(relative(folder, path).replaceAll('\\', '/'))}, import.meta.url).href`;
      return { contents: source.replaceAll('import.meta.url', url), loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
});

/** The functions of the catalogue, compiled as the command does it, for the server to show and to deploy. */
export async function templates({ entry, output }) {
  const { compileTemplates } = await load(entry, 'templates.mjs');
  await replace(output, await compileTemplates(at('examples/integrations')));
}

/** Their sources, for the command to start projects from. */
async function templateSources({ entry, output }) {
  const { collectTemplates } = await load(entry, 'template-sources.mjs');
  await replace(output, await collectTemplates(at('examples/integrations')));
}

async function load(entry, name) {
  const program = `node_modules/.cache/bowline/${name}`;
  await bundle({ entry, output: program });
  return import(pathToFileURL(at(program)).href);
}

async function replace(output, text) {
  mkdirSync(dirname(at(output)), { recursive: true });
  // Whoever reads it meanwhile finds the old one or the new one.
  writeFileSync(`${at(output)}.${process.pid}`, text);
  renameSync(`${at(output)}.${process.pid}`, at(output));
}

/** The providers, checked and in one file, for the server to read at its start. */
async function catalogue({ entry }) {
  const { runCatalogue } = await import(pathToFileURL(at(entry)).href);
  runCatalogue(['compile'], { print: () => {}, cwd: root });
}

/** A checkout writes files anew that hold what they held: the server goes by their times. */
function touch({ output }, looked) {
  utimesSync(at(output), looked, looked);
}

function vite({ entry }) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [at('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: at(dirname(entry)),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`vite build failed\n${stdout}${stderr}`);
}

function hash(paths) {
  const sum = createHash('sha256');
  for (const path of paths.flatMap((path) => files(path)).sort())
    sum
      .update(path)
      .update('\0')
      .update(readFileSync(at(path)))
      .update('\0');
  return sum.digest('hex');
}

function files(path) {
  if (!existsSync(at(path))) return [];
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(at(path), { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'build', '.nango', 'test'].includes(entry.name)) return [];
    return entry.isDirectory() ? files(`${path}/${entry.name}`) : [`${path}/${entry.name}`];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build();
