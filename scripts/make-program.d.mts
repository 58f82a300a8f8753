/** Makes `main.js` and what it loads. @param bundle by esbuild, with these options besides its own */
export function makeProgram(output: string, bundle: (outfile: string, options: object) => Promise<void>): Promise<void>;
