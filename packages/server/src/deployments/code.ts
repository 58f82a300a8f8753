/**
 * The code of functions, by its content: stored once, never changed. The whole artefact is the address, so a changed source text with the same
 * bundle is other code too; relative files that the bundle was made of are stored once each, whatever holds them.
 */
import { hash } from 'node:crypto';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { many, one, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { DeployedFunction } from './function.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
/** `files`: sources besides the function's own, by path from the project's folder. */
export type Code = { readonly js: string; readonly ts: string; readonly files?: Readonly<Record<string, string>> | undefined };

const digest = (text: string) => hash('sha256', text, 'hex');

/** Pure. Code without files has the address it had before there were any. */
export function addressOf({ js, ts, files = {} }: Code): Buffer {
  const own = digest(`${js.length}:${js}${ts}`);
  const others = Object.entries(files).toSorted(byPath);
  if (others.length === 0) return Buffer.from(own, 'hex');
  return Buffer.from(digest(JSON.stringify([own, others.map(([path, text]) => [path, digest(text)])])), 'hex');
}

const byPath = ([one]: [string, string], [other]: [string, string]) => (one < other ? -1 : 1);

/** @returns its address */
export async function storeCode(tx: Database, { environment }: InEnvironment, code: Code): Promise<Buffer> {
  const address = addressOf(code);
  const files = Object.entries(code.files ?? {}).map(([path, text]) => ({ path, text, hash: digest(text) }));
  const listed = files.length === 0 ? null : JSON.stringify(Object.fromEntries(files.map((file) => [file.path, file.hash])));
  const isNew = await run(
    tx,
    sql`insert into function_code (environment_id, hash, js, ts, files) values (${environment.id}, ${address}, ${code.js}, ${code.ts}, ${listed}::jsonb)
        on conflict do nothing`,
  );
  if (isNew > 0 && files.length > 0)
    await run(
      tx,
      sql`insert into function_files (environment_id, hash, text)
          select ${environment.id}, decode(hash, 'hex'), text
            from unnest(${files.map((file) => file.hash)}::text[], ${files.map((file) => file.text)}::text[]) given(hash, text)
          on conflict do nothing`,
    );
  return address;
}

/** Bundles by their address, which says all that is in them, so none is ever stale. Of 64 million characters a process keeps those used last. */
const bundles = new LRUCache<string, string>({ maxSize: 64_000_000, sizeCalculation: (js) => js.length + 1 });

/** The code of a function as it runs (CommonJS). Each run asks: most cost no statement. */
export async function findBundle({ db }: { db: Database }, { environment }: InEnvironment, fn: DeployedFunction): Promise<string> {
  const address = fn.codeHash.toString('hex');
  const kept = bundles.get(address);
  if (kept !== undefined) return kept;
  const code = await one<Pick<Code, 'js'>>(
    db,
    sql`select js from function_code where environment_id = ${environment.id} and hash = ${fn.codeHash}`,
  );
  if (!code) throw new Error(`the code of function ${fn.id} is missing`);
  bundles.set(address, code.js);
  return code.js;
}

export async function lookCode(db: Database, environmentId: number, address: Buffer): Promise<Code | undefined> {
  return one<Code>(db, sql`select js, ts from function_code where environment_id = ${environmentId} and hash = ${address}`);
}

/** What its author wrote. Undefined: it is no longer kept. */
export async function lookSource(
  db: Database,
  { environment }: InEnvironment,
  address: Buffer,
): Promise<{ ts: string; files: Record<string, string> } | undefined> {
  const code = await lookCode(db, environment.id, address);
  if (!code) return undefined;
  const files = await many<{ path: string; text: string }>(
    db,
    sql`select listed.key as path, f.text
          from function_code c, jsonb_each_text(c.files) listed, function_files f
         where c.environment_id = ${environment.id} and c.hash = ${address}
           and f.environment_id = c.environment_id and f.hash = decode(listed.value, 'hex')
         order by listed.key`,
  );
  return { ts: code.ts, files: Object.fromEntries(files.map(({ path, text }) => [path, text])) };
}

/** Which of these are still kept, in hexadecimal. */
export async function keptCode(db: Database, { environment }: InEnvironment, addresses: readonly Buffer[]): Promise<Set<string>> {
  const rows = await many<{ hash: Buffer }>(
    db,
    sql`select hash from function_code where environment_id = ${environment.id} and hash = any(${[...addresses]}::bytea[])`,
  );
  return new Set(rows.map((row) => row.hash.toString('hex')));
}
