/** Builds what is out of date; throws when a build fails. @param names only these, else all */
export function build(names?: readonly string[]): Promise<void>;
/** Compiles the catalogue of functions, whether it is out of date or not. Paths are below the root. */
export function templates(target: { entry: string; output: string }): Promise<void>;
