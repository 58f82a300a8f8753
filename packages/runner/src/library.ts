/**
 * A library that came with a run (`soap`, `unzipper`): evaluated in the realm like the author's own code, for this run alone. It may use more of
 * node's parts than authors may, none of which can do anything in a process without permissions; what it sends goes through the host.
 */
import type { LibraryName } from '@bowline/api/protocol';
import { createFetch } from './fetch.ts';
import type { Builtins } from './globals.ts';
import type { Port } from './port.ts';
import type { Reuse } from './reuse.ts';

export type Libraries = ReadonlyMap<string, string>;
type Tools = { port: Port; builtin: Pick<Builtins, 'load'>; reuse: Reuse };

const parts = new Set(['buffer', 'crypto', 'events', 'stream', 'url', 'util', 'zlib']);
/** Taken before it is guarded for authored code. */
const Compile = Function;

/** @returns what `require` answers for the libraries of a run, undefined for anything else */
export function openLibraries(libraries: Libraries, { port, builtin, reuse }: Tools): (name: string) => unknown {
  const loaded = new Map<string, Record<string, unknown>>();
  const requirePart = (name: string): unknown => {
    const bare = name.replace(/^node:/, '');
    if (parts.has(bare)) return builtin.load(`node:${bare}`);
    throw new Error(`Module '${name}' is not available to libraries`);
  };
  return (name) => {
    const text = libraries.get(name);
    if (text === undefined) return undefined;
    const known = loaded.get(name);
    if (known) return known;
    // Streams and inflaters of node go on in ways that nobody follows here: the realm ends with the run.
    reuse.activity.lose();
    const module: { exports: Record<string, unknown> } = { exports: {} };
    new Compile('exports', 'require', 'module', 'send', text)(module.exports, requirePart, module, createSend(port));
    const { exports } = module;
    // `import soap from 'soap'` means the whole, whichever way the author's bundler reads a default.
    if (!('default' in exports)) Object.defineProperty(exports, 'default', { value: exports });
    loaded.set(name, exports);
    return exports;
  };
}

type Request = { url: string; method?: string; headers?: Record<string, unknown>; data?: unknown; responseType?: string };
/** Those of the connection itself: the host writes them. */
const ofConnection = new Set(['host', 'connection', 'content-length', 'accept-encoding', 'transfer-encoding']);

/** What a library sends a request with, in the form of axios: any status is an answer. */
function createSend(port: Port) {
  const fetch = createFetch(port);
  return async (config: Request) => {
    const headers = Object.entries(config.headers ?? {}).flatMap(([name, value]): [string, string][] =>
      value === undefined || value === null || ofConnection.has(name.toLowerCase()) ? [] : [[name, String(value)]],
    );
    const { url, method = 'GET', data } = config;
    const body = data === undefined || data === null ? null : String(data);
    const response = await fetch({ url: new URL(url), method, headers: Object.fromEntries(headers), body });
    const bytes = Buffer.from(await response.arrayBuffer());
    return {
      status: response.status,
      statusText: response.statusText,
      headers: Object.fromEntries(response.headers),
      data: config.responseType === 'arraybuffer' ? bytes : bytes.toString('utf8'),
      config,
      request: {},
    };
  };
}

/** Splits what came with a run: the author's code, then each library. */
export function splitBody(body: Uint8Array, lengths: Partial<Record<LibraryName, number>> = {}): { code: string; libraries: Libraries } {
  const decoder = new TextDecoder();
  const libraries = new Map<string, string>();
  let end = body.byteLength;
  for (const [name, length] of Object.entries(lengths).reverse()) {
    libraries.set(name, decoder.decode(body.subarray(end - length, end)));
    end -= length;
  }
  return { code: decoder.decode(body.subarray(0, end)), libraries };
}
