/** Whose version a server is of: the contract that it publishes names it. */
import { z } from 'zod';
import { toolbox } from '../toolbox.ts';
import { send, userAgent } from './reach.ts';

const Contract = z.object({ info: z.object({ title: z.string(), version: z.string() }), paths: z.record(z.string(), z.unknown()) });

export type Found = { readonly version: string | undefined; readonly status: number; readonly date: string | null };

const timeoutMs = 10_000;

/** @returns `version: undefined` where it is another server. @throws Unreached */
export const findVersion = async (host: string): Promise<Found> => {
  const response = await send(host, `${host}/openapi.json`, { headers: userAgent }, timeoutMs);
  const read = Contract.safeParse(await response.json().catch(() => undefined));
  const ours = response.ok && read.success && '/sync/deploy' in read.data.paths;
  return { version: ours ? read.data.info.version : undefined, status: response.status, date: response.headers.get('date') };
};

/** What to say where an answer is not understood; nothing where both are of one version. */
export const describeVersions = async (host: string): Promise<string> => {
  try {
    const { version } = await findVersion(host);
    if (version === undefined) return 'Is it a Bowline server?';
    return version === toolbox.version
      ? ''
      : `The server is of version ${version}, this command of ${toolbox.version}: bring them together.`;
  } catch {
    return '';
  }
};
