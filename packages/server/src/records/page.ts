/** Rows, as they come, to a page: here, or in a thread where it is long (`page-thread.ts`). */
import type { Threads } from '../base/threads.ts';
import type { Cipher, CipherOptions } from './cipher.ts';
import { cursorOf } from './cursor.ts';
import { createSplice, type Page, type Row } from './splice.ts';

/** `statement`: a select of `BINARY_COLUMNS`, of one row more than `limit`. */
export type AskedPage = { readonly statement: string; readonly cipher: CipherOptions; readonly limit: number };

/** Pages of more records than these keep this process' own thread from everybody else for milliseconds: 10 to 20 µs a record. */
export const HERE_MAX = 100;

/** @throws VaultError from `take`, see `Cipher.open` */
export function collectPage(cipher: Cipher | undefined, limit: number): { take(row: Row): void; end(): Page } {
  const splice = createSplice(cipher);
  let taken = 0;
  let last = 0;
  return {
    take(row) {
      taken += 1;
      if (taken > limit) return; // says that there is more
      splice.add(row);
      last = row.seq;
    },
    end: () => splice.page(taken > limit ? cursorOf(last) : null),
  };
}

/** By a thread. */
export async function askPage(threads: Threads, asked: AskedPage): Promise<Page> {
  const page = (await threads.ask(asked)) as Page; // what `page-thread.ts` answers
  const { buffer, byteOffset, byteLength } = page.bytes; // which comes as a bare array
  return { ...page, bytes: Buffer.from(buffer, byteOffset, byteLength) };
}
