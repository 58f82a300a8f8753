/**
 * A provider that has bad days, the same ones for the same seed: storms of 429, errors, slow, truncated and repeated answers, rows in any order, and
 * items that come, change and go while somebody pages through them. What it holds in the end is the truth that records are compared with.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { Random } from './random.ts';

/** `v` rises with every change of an item, also over its deletion. `seq` orders the changes of a connection. */
export type Item = { id: string; v: number; seq: number; gone: boolean };

const IDS = 60;
const PAGE = 10;

export async function startProvider(random: Random, connections: readonly string[]) {
  const state = new Map(connections.map((name) => [name, { seq: 0, items: new Map<string, Item>() }]));
  const weather = { isCalm: false, stormUntil: 0, requests: 0, refused: 0, broken: 0 };

  const change = (name: string) => {
    const of = state.get(name);
    if (!of) return;
    const id = `i${random.below(IDS)}`;
    const known = of.items.get(id);
    of.seq += 1;
    const gone = known !== undefined && !known.gone && random.chance(0.3);
    of.items.set(id, { id, v: (known?.v ?? 0) + 1, seq: of.seq, gone });
  };
  for (const name of connections) for (let n = 0; n < 150; n++) change(name);

  /** @returns true when the request was dealt with */
  const misbehave = (response: ServerResponse, text: string): boolean => {
    if (weather.isCalm) return false;
    const luck = random.below(100);
    if (weather.requests < weather.stormUntil || luck === 0) {
      if (weather.requests >= weather.stormUntil) weather.stormUntil = weather.requests + 5 + random.below(20);
      weather.refused += 1;
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '0' }).end('{"error":"slow down"}');
    } else if (luck < 4) response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"oops"}');
    else if (luck < 7)
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': String(text.length) })
        .write(text.slice(0, text.length / 2), () => response.destroy());
    else return false;
    weather.broken += 1;
    return true;
  };

  /** By place, as many an API does it: what comes and goes meanwhile moves the pages under the reader. */
  const full = (of: { items: Map<string, Item> }, page: number) => {
    const live = [...of.items.values()].filter(({ gone }) => !gone).sort((one, other) => (one.id < other.id ? -1 : 1));
    // Once in a while a page comes again before the next one does.
    const next = !weather.isCalm && random.chance(0.05) ? page : page + 1;
    const rows = random.shuffled(live.slice(page * PAGE, (page + 1) * PAGE)).map(({ id, v }) => ({ id, v }));
    return { rows, next: (page + 1) * PAGE < live.length ? next : null };
  };
  const changes = (of: { items: Map<string, Item> }, since: number) => {
    const page = [...of.items.values()]
      .filter(({ seq }) => seq > since)
      .sort((one, other) => one.seq - other.seq)
      .slice(0, PAGE);
    const cursor = page.at(-1)?.seq ?? since;
    return { rows: random.shuffled(page).map(({ id, v, gone }) => ({ id, v, gone })), cursor };
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://provider');
    const of = state.get(url.searchParams.get('of') ?? '');
    request.resume();
    weather.requests += 1;
    if (!of) return void response.writeHead(404).end();
    const text = JSON.stringify(
      url.pathname === '/full' ? full(of, Number(url.searchParams.get('page'))) : changes(of, Number(url.searchParams.get('since'))),
    );
    const answer = () => {
      if (!response.destroyed && !misbehave(response, text)) response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    };
    // What a slow answer says was true when it was asked for.
    if (!weather.isCalm && random.chance(0.1)) setTimeout(answer, 20 + random.below(400));
    else answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const changing = setInterval(() => {
    for (const name of connections) if (random.chance(0.3)) change(name);
  }, 25);
  return {
    host,
    url: `http://${host}`,
    weather,
    /** From now on nothing changes and every request is answered well. */
    calm() {
      clearInterval(changing);
      weather.isCalm = true;
    },
    /** Live items of a connection: id → version. */
    truth: (name: string) => new Map([...(state.get(name)?.items.values() ?? [])].filter(({ gone }) => !gone).map(({ id, v }) => [id, v])),
    stop: () =>
      new Promise<void>((resolve) => {
        clearInterval(changing);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
