/** One function's file in a project: `<integration>/<folder>/<name>.ts`. Its kind comes from the `create*` call inside, not from the folder. */
import { basename, extname } from 'node:path';

export type Entry = {
  /** Relative to the project, with slashes. */
  file: string;
  /** The unique key of the integration in the environment. */
  integration: string;
  name: string;
  /** `build/<out>.cjs` */
  out: string;
};

export const entryOf = (file: string): Entry => {
  const withoutExtension = file.slice(0, -extname(file).length);
  return {
    file,
    integration: file.split('/')[0] ?? '',
    name: basename(withoutExtension),
    out: withoutExtension.split('/').join('_'),
  };
};
