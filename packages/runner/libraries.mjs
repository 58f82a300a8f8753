/**
 * Builds the libraries that functions may require, one file each beside the runner. Node's parts stay outside where the sandbox has them; files, sockets and
 * what only serves them are left out, and axios is the host's `send`.
 */
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const names = ['soap', 'unzipper'];
/** Answering requests, NTLM and uploads are nothing that a function does. */
const absent =
  /^(node:)?(fs|http|https|http2|net|tls|os|dns|child_process|graceful-fs|fs-extra|formidable|axios-ntlm|async_hooks|@aws-sdk\/client-s3)$/;

const stand = {
  assert:
    'const assert = (value, message) => { if (!value) throw message instanceof Error ? message : new Error(message); }; module.exports = Object.assign(assert, { ok: assert });',
  axios: 'const create = () => send; module.exports = { create, default: { create } };',
  debug: 'module.exports = () => Object.assign(() => undefined, { enabled: false });',
  path: "const join = (...parts) => parts.join('/'); module.exports = { join, resolve: join, sep: '/', dirname: (path) => path.replace(/\\/[^/]*$/, ''), basename: (path) => path.replace(/.*\\//, '') };",
};
const refusal = (name) => `
  const refuse = () => { throw new Error("'${name}' is not available to functions: they run without files and sockets."); };
  module.exports = new Proxy({}, { get: (_, key) => (key === '__esModule' || typeof key === 'symbol' ? undefined : refuse) });`;

const outside = {
  name: 'outside',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(assert|axios|debug|path)$/ }, ({ path }) => ({ path: path.replace(/^node:/, ''), namespace: 'stand' }));
    onResolve({ filter: absent }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /./, namespace: 'stand' }, ({ path }) => ({ contents: stand[path], loader: 'js' }));
    onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({ contents: refusal(path), loader: 'js' }));
  },
};

export function buildLibraries(folder) {
  return esbuild.build({
    entryPoints: Object.fromEntries(names.map((name) => [name, fileURLToPath(import.meta.resolve(name))])),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    minify: true,
    keepNames: true,
    // Whom the code is of stays with it.
    legalComments: 'eof',
    plugins: [outside],
  });
}
