/** Builds what is published; resolves with the folder to pack, by default `packages/browser/dist`. */
export function build(folder?: string): Promise<string>;
