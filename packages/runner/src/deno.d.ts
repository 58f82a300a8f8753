/** The three things the runner takes from Deno; everything else of it is denied to this process anyway. */
declare const Deno: {
  readonly stdin: { read(into: Uint8Array): Promise<number | null> };
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  exit(code: number): never;
};
