/**
 * The receiver: what an app's backend does with Bowline's webhooks, small enough to copy.
 * A webhook only says that something changed. The changes themselves are read by cursor, so a webhook that is lost, late or sent
 * twice does no harm: the next one reads everything since the last record stored.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';

/** One kind of event of several; others are to be ignored, new kinds may appear at any time. */
const SyncEvent = z.object({
  type: z.literal('sync'),
  connectionId: z.string(),
  providerConfigKey: z.string(),
  syncName: z.string(),
  model: z.string(),
  success: z.boolean(),
  modifiedAfter: z.string().optional(),
  responseResults: z.object({ added: z.number(), updated: z.number(), deleted: z.number() }).optional(),
});
export type SyncEvent = z.infer<typeof SyncEvent>;
const Page = z.object({
  records: z.array(z.looseObject({ id: z.string(), _nango_metadata: z.object({ last_action: z.string(), cursor: z.string() }) })),
  next_cursor: z.string().nullable(),
});
export type MirroredRecord = z.infer<typeof Page>['records'][number];

export type Platform = { readonly url: string; readonly apiKey: string; readonly signingKey: string };
export type Receiver = {
  readonly url: string;
  /** Every webhook whose signature held, oldest first, with the time it came. */
  readonly events: readonly { at: number; body: unknown; sync?: SyncEvent }[];
  /** How many were turned away for their signature. */
  refused(): number;
  /** The copy of one model of one connection: a real app has a table here. */
  mirror(connectionId: string, model: string): ReadonlyMap<string, MirroredRecord>;
  /** The keys are known only once the platform runs; until then webhooks are answered 503, and come again. */
  connect(platform: Platform): void;
  stop(): Promise<void>;
};

export async function startReceiver(port: number): Promise<Receiver> {
  const inbox = new Inbox();
  const server = createServer((request, response) => void inbox.receive(request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    events: inbox.events,
    refused: () => inbox.refused,
    mirror: (connectionId, model) => inbox.mirrors.get(`${connectionId}/${model}`)?.records ?? new Map(),
    connect: (platform) => {
      inbox.platform = platform;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** True when the platform signed exactly these bytes. `@nangohq/node` has the same as `verifyIncomingWebhookRequest`. */
export function isSigned(signingKey: string, body: string, signature: string | undefined): boolean {
  const expected = createHmac('sha256', signingKey).update(body).digest();
  const given = Buffer.from(signature ?? '', 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected); // `===` would tell by its time how much was right
}

type Mirror = { records: Map<string, MirroredRecord>; cursor: string | undefined; reading: Promise<void> };

class Inbox {
  platform: Platform | undefined;
  readonly events: { at: number; body: unknown; sync?: SyncEvent }[] = [];
  readonly mirrors = new Map<string, Mirror>();
  refused = 0;

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number) => response.writeHead(status).end();
    // The bytes as they came: parsed and written again, they might differ from what was signed.
    const raw = Buffer.concat(await request.toArray()).toString();
    if (!this.platform) return void answer(503);
    const signature = request.headers['x-nango-hmac-sha256'];
    if (!isSigned(this.platform.signingKey, raw, typeof signature === 'string' ? signature : undefined)) {
      this.refused += 1;
      return void answer(401);
    }
    const body: unknown = JSON.parse(raw);
    const sync = SyncEvent.safeParse(body).data;
    this.events.push({ at: Date.now(), body, ...(sync && { sync }) });
    answer(204); // at once: reading takes longer than a sender should wait, and the cursor makes it safe to fail after this
    if (sync?.success) this.catchUp(this.platform, sync);
  }

  /** One reader at a time for each connection and model: two would store the older page over the newer. */
  private catchUp(platform: Platform, event: SyncEvent): void {
    const key = `${event.connectionId}/${event.model}`;
    const mirror = this.mirrors.get(key) ?? { records: new Map(), cursor: undefined, reading: Promise.resolve() };
    this.mirrors.set(key, mirror);
    mirror.reading = mirror.reading
      .then(() => readAll(platform, event, mirror))
      .catch((error: unknown) => console.error(`The receiver could not read records: ${String(error)}`)); // the next webhook tries again
  }
}

/** Reads everything after the last record stored. A real app keeps `cursor` in the same transaction as the records. */
async function readAll({ url, apiKey }: Platform, event: SyncEvent, mirror: Mirror): Promise<void> {
  for (;;) {
    const query = new URLSearchParams({ model: event.model, limit: '100', ...(mirror.cursor && { cursor: mirror.cursor }) });
    const response = await fetch(`${url}/records?${query}`, {
      headers: {
        authorization: `Bearer ${apiKey}`,
        'connection-id': event.connectionId,
        'provider-config-key': event.providerConfigKey,
      },
    });
    if (!response.ok) throw new Error(`GET /records answered ${response.status}: ${await response.text()}`);
    const { records, next_cursor } = Page.parse(await response.json());
    for (const record of records) {
      // Deleted records are told, too: by cursor an app hears of every change, the last state of each.
      if (record._nango_metadata.last_action === 'DELETED') mirror.records.delete(record.id);
      else mirror.records.set(record.id, record);
      mirror.cursor = record._nango_metadata.cursor;
    }
    if (next_cursor === null) return;
  }
}
