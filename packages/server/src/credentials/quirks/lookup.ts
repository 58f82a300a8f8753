/** The look-up most vendors need: one request, and values of its answer by their paths. */
import { dig, digText } from '../dig.ts';
import type { Api, Told } from './quirk.ts';

type Lookup = {
  /** Names in the connection's configuration, and where the answer has them. Numbers stay numbers: the wire has them so. */
  readonly config: Readonly<Record<string, string>>;
  readonly account?: string;
};

/** @param at a path below the provider's base URL, or a whole address */
export const lookup =
  (at: string, { config, account }: Lookup) =>
  async ({ request }: Api): Promise<Told> =>
    told(await request(at), { config, account: account ?? '' });

export function told(answer: unknown, { config, account }: Lookup): Told {
  const found = Object.entries(config).map(([name, path]) => [name, plain(dig(answer, path))]);
  return { config: Object.fromEntries(found), account: account ? digText(answer, account) : undefined };
}

const plain = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
