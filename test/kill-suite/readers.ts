/**
 * Apps that follow the changes of a model by cursor, all the time, from whichever process is there. What they are told must be all there is, and in
 * order: the version of an item never falls, and in the end each reader holds what is stored.
 */
import { API_KEY } from '../cluster.ts';

type Told = { id: string; v: number; _nango_metadata: { deleted_at: string | null; cursor: string } };
type Page = { records: Told[]; next_cursor: string | null };

export function startReader({ connection, model, from }: { connection: string; model: string; from: () => string | undefined }) {
  const versions = new Map<string, number>();
  const live = new Map<string, number>();
  const wrong: string[] = [];
  let cursor: string | undefined;
  let read = 0;
  let isEnding = false;

  const take = ({ id, v, _nango_metadata: { deleted_at: deletedAt, cursor: at } }: Told) => {
    const before = versions.get(id);
    if (before !== undefined && v < before) wrong.push(`${connection} ${model} ${id}: version ${v} after ${before}`);
    versions.set(id, Math.max(v, before ?? 0));
    if (deletedAt) live.delete(id);
    else live.set(id, v);
    cursor = at;
    read += 1;
  };
  /** @returns false when there was nothing new */
  const turn = async (): Promise<boolean> => {
    const url = from();
    if (url === undefined) return false;
    const query = new URLSearchParams({ model, limit: '7', ...(cursor === undefined ? {} : { cursor }) });
    const headers = { authorization: `Bearer ${API_KEY}`, 'connection-id': connection, 'provider-config-key': 'chaos' };
    const response = await fetch(`${url}/records?${query}`, { headers, signal: AbortSignal.timeout(5_000) });
    if (response.status !== 200) return false;
    const page = (await response.json()) as Page; // a wrong shape throws below, and is tried again until the test gives up
    for (const record of page.records) take(record);
    return page.records.length > 0;
  };
  const loop = (async () => {
    while (!isEnding) {
      const isMore = await turn().catch(() => false);
      if (!isMore) await new Promise((resolve) => setTimeout(resolve, 60));
    }
  })();
  return {
    connection,
    model,
    live,
    wrong,
    count: () => read,
    /** Reads on until there is nothing left. */
    async finish(): Promise<void> {
      isEnding = true;
      await loop;
      while (await turn());
    },
  };
}
