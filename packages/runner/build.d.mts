/** Bundles the runner for Deno; resolves with the path of the file, by default `packages/runner/dist/runner.js`. */
export function build(outfile?: string): Promise<string>;
