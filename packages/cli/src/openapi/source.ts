/** Reads the document that the author names: a file, or an address, which is asked once and without any credentials. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { exitCodes, Failure } from '../failure.ts';
import { causeOf } from '../remote/advice.ts';
import { userAgent } from '../remote/reach.ts';

/** The largest public documents have some 15 MB. */
const bytesMax = 64 * 1024 * 1024;
const timeoutMs = 60_000;

/** `where` says to people where the text came from, without what an address may hold that is nobody's business. */
export type Source = { readonly text: string; readonly where: string };

/** @throws Failure when it cannot be read */
export const readSource = async (given: string, cwd: string): Promise<Source> =>
  /^https?:\/\//i.test(given) ? fetchSource(given) : readFileSource(given, cwd);

const readFileSource = (given: string, cwd: string): Source => {
  const file = resolve(cwd, given);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile())
    throw new Failure(exitCodes.usage, `There is no file ${given}. Give the path or the http(s) address of an OpenAPI document.`);
  if (found.size > bytesMax) throw tooLarge(given);
  return { text: strip(readFileSync(file, 'utf8')), where: given };
};

const fetchSource = async (address: string): Promise<Source> => {
  const url = URL.parse(address);
  if (!url) throw new Failure(exitCodes.usage, `${address} is not a valid address.`);
  if (url.username || url.password)
    throw new Failure(exitCodes.usage, 'The address holds a user name or a password. Download the document and give the file instead.');
  const where = bare(url);
  const response = await ask(url, where);
  if (!response.ok)
    throw new Failure(
      exitCodes.other,
      `${where} answered ${response.status}. Is it the address of the document itself? One behind a sign-in can be given as a file.`,
    );
  return { text: strip(await readBody(response, where)), where: bare(new URL(response.url || url)) };
};

const ask = async (url: URL, where: string): Promise<Response> => {
  try {
    return await fetch(url, {
      headers: { accept: 'application/json, application/yaml, text/yaml, */*;q=0.5', ...userAgent },
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new Failure(exitCodes.other, `Cannot read ${where} (${causeOf(error)}). Without the network, give a file.`);
  }
};

/** Counted while it arrives: a server may send without end. */
const readBody = async (response: Response, where: string): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > bytesMax) throw tooLarge(where);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(exitCodes.other, `${where} stopped in the middle of its answer (${causeOf(error)}). Try again.`);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const bare = ({ origin, pathname }: URL): string => `${origin}${pathname}`;
const strip = (text: string): string => text.replace(/^\uFEFF/, '');
const tooLarge = (where: string): Failure => new Failure(exitCodes.other, `${where} is larger than 64 MB.`);
