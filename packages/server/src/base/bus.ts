/**
 * Messages between the processes that share one database, over LISTEN/NOTIFY on one dedicated connection, which also tells who lives.
 * A message published in a transaction is delivered when it commits, or never. Delivery is at most once:
 * what is sent while the connection is down is lost, so a message may speed something up but must never be the only trigger.
 */
import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { type Database, prepared } from './database.ts';
import { clientConfig, type PostgresTarget } from './postgres.ts';

export type Bus = {
  /** This process among all: Postgres holds the advisory lock (`PROCESS_LOCKS`, id) for it, and frees it when the process is gone, kill -9 included. */
  readonly id: number;
  /**
   * @param db a transaction, when the message must be sent only if it commits
   * @throws BusError when the message has more than 7,900 bytes (Postgres allows less than 8,000)
   */
  publish(channel: string, payload: object, db?: Database): Promise<void>;
  /** Calls `listener` for every message on the channel, this process' own included. @returns how to stop it */
  subscribe(channel: string, listener: (payload: unknown) => void): () => void;
  close(): Promise<void>;
};

/** A message that cannot be sent; put the data into a table and send its id. */
export class BusError extends Error {
  override readonly name = 'BusError';
}

/** First half of that lock's key; the bytes of "proc". */
export const PROCESS_LOCKS = 0x70726f63;

const BYTES_MAX = 7_900;
/** Shorter than what peers take for death (connections/refresh-lease.ts): a server that restarts must not make all of us look dead. */
const RETRY_MS_MAX = 1_000;
const HOLD_MS = 500;
/** One Postgres channel for all: subscribing takes effect at once, without a round trip in which messages could be missed. */
const CHANNEL = 'bowline';

/** A message of its own is nothing that a crash could take away, but its commit would wait for the disk like any other. */
const unflushed = sql`set_config('synchronous_commit', 'off', true)`;

type Listeners = Map<string, Set<(payload: unknown) => void>>;

/** Resolves once it listens. */
export async function createBus({ target, db, log }: { target: PostgresTarget; db: Database; log: Logger }): Promise<Bus> {
  const listeners: Listeners = new Map();
  const line = new Line(target, log, (text) => deliver(text, listeners, log));
  const send = sendTogether((texts) =>
    prepared(sql`select ${unflushed}, pg_notify(${CHANNEL}, text) from unnest(${[...texts]}::text[]) text`).execute(db),
  );
  await line.open();
  return {
    id: line.id,
    async publish(channel, payload, at = db) {
      const text = JSON.stringify([channel, payload]);
      const bytes = Buffer.byteLength(text);
      if (bytes > BYTES_MAX) throw new BusError(`The message on "${channel}" has ${bytes} bytes, ${BYTES_MAX} are allowed.`);
      if (at.isTransaction) await prepared(sql`select pg_notify(${CHANNEL}, ${text})`).execute(at);
      else await send(text);
    },
    subscribe(channel, listener) {
      const own = (payload: unknown) => listener(payload); // one entry per call, even for the same function
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set.add(own));
      return () => {
        set.delete(own);
        if (set.size === 0 && listeners.get(channel) === set) listeners.delete(channel);
      };
    },
    close: () => line.close(),
  };
}

/** Those of one turn of the event loop are one statement: a run that ends tells of four things. */
function sendTogether(sendAll: (texts: readonly string[]) => Promise<unknown>): (text: string) => Promise<unknown> {
  let waiting: string[] = [];
  let sending: Promise<unknown> | undefined;
  const later = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    const texts = waiting;
    waiting = [];
    sending = undefined;
    await sendAll(texts);
  };
  return (text) => {
    waiting.push(text);
    sending ??= later();
    return sending;
  };
}

function deliver(text: string, listeners: Listeners, log: Logger): void {
  const message: unknown = JSON.parse(text);
  if (!Array.isArray(message) || typeof message[0] !== 'string') return;
  for (const listener of listeners.get(message[0]) ?? []) {
    try {
      listener(message[1]);
    } catch (error) {
      log.error({ err: error, channel: message[0] }, 'a bus listener threw');
    }
  }
}

/** The dedicated connection: listens, and comes back when it breaks. */
class Line {
  readonly id = randomInt(1, 2 ** 31 - 1);
  readonly #target: PostgresTarget;
  readonly #log: Logger;
  readonly #receive: (text: string) => void;
  #client: Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #attempts = 0;
  #closed = false;

  constructor(target: PostgresTarget, log: Logger, receive: (text: string) => void) {
    this.#target = target;
    this.#log = log;
    this.#receive = receive;
  }

  async open(): Promise<void> {
    const client = new Client({
      ...clientConfig(this.#target),
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 15_000,
    });
    let broken = false;
    const onBroken = (error?: Error) => {
      if (broken) return;
      broken = true;
      if (this.#client === client) this.#reopen(error);
    };
    client.on('error', onBroken);
    client.on('end', () => onBroken());
    client.on('notification', ({ payload }) => payload && this.#receive(payload));
    try {
      await client.connect();
      await this.#hold(client);
      await client.query(`listen ${CHANNEL}`);
      if (broken) throw new BusError('The connection broke while it was being opened.');
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    this.#client = client;
    this.#attempts = 0;
    if (this.#closed) await client.end();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  /** Tried again rather than waited for: while a statement waits no message arrives, and the server may still think our last connection lives. */
  async #hold(client: Client): Promise<void> {
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1, $2) as held', [PROCESS_LOCKS, this.id]);
    if (rows[0]?.held) return;
    setTimeout(() => {
      if (this.#client === client) this.#hold(client).catch((error: unknown) => this.#log.debug({ err: error }, 'no lock on the bus yet'));
    }, HOLD_MS).unref();
  }

  #reopen(error: unknown): void {
    this.#client = undefined;
    if (this.#closed) return;
    this.#log.warn({ err: error, attempts: this.#attempts }, 'the bus lost its connection; messages may be missed until it is back');
    this.#retry = setTimeout(
      () => this.open().catch((cause: unknown) => this.#reopen(cause)),
      Math.min(50 * 2 ** this.#attempts, RETRY_MS_MAX),
    );
    this.#attempts += 1;
  }
}
