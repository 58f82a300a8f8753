/**
 * Live updates for the dashboard: server-sent events that say what to read again, never what changed.
 * Every process hears every message on the bus, so it does not matter which one a browser is connected to.
 */
import type { ServerResponse } from 'node:http';
import { LIVE_PATH, type LiveTopic, liveTopics } from '@bowline/api/dashboard';
import { Problem } from '@bowline/api/problem';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Bus } from '../base/bus.ts';
import type { World } from '../base/world.ts';
import { sendError } from './answer.ts';
import { type Coalesced, coalesce } from './coalesce.ts';
import { openEventStream } from './event-stream.ts';
import type { MemberScope } from './scope.ts';

/** `id` names the one thing that changed; absent when several did. */
type Message = { environmentId: number; topic: LiveTopic; id?: string };
/** Proves that the caller is a member and may see the environment of this name. */
export type LiveAuthenticator = (request: FastifyRequest, environment: string | undefined) => Promise<MemberScope>;

const CHANNEL = 'live';
/** At most one message in this time for each environment and topic from one process: a notify takes a lock that all commits share. */
const PUBLISH_MS = 300;
/** At most four events a second for each topic. */
const SEND_MS = 250;
const HEARTBEAT_MS = 20_000;
/** A browser that reads nothing is let go; it comes back by itself. */
const UNREAD_BYTES_MAX = 65_536;

/** What waits to be published, for each bus: a bus is a process's, and so is the limit. */
const publishers = new WeakMap<Bus, Coalesced<Message>>();

/**
 * Tells open dashboards to read `topic` again. Call it after the transaction: a reader told earlier would read the past.
 * Never waits and never throws; bursts are merged.
 */
export function publishLive({ bus }: Pick<World, 'bus'>, environmentId: number, topic: LiveTopic, id?: string): void {
  let publisher = publishers.get(bus);
  if (!publisher) {
    // What cannot be sent (the process stops, the database is away) is not worth an error: dashboards read again when they come back.
    publisher = coalesce<Message>(PUBLISH_MS, (message) => void bus.publish(CHANNEL, message).catch(() => {}), merge);
    publishers.set(bus, publisher);
  }
  publisher.push(`${environmentId} ${topic}`, { environmentId, topic, ...(id === undefined ? {} : { id }) });
}

/** `GET /api/live?environment=dev` */
export function bindLive(app: FastifyInstance, world: Pick<World, 'bus'>, authenticate: LiveAuthenticator): void {
  const streams = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  app.get<{ Querystring: { environment?: unknown } }>(LIVE_PATH, async (request, reply) => {
    const named = request.query.environment;
    const authorize = () => authenticate(request, typeof named === 'string' ? named : undefined);
    try {
      const { environment } = await authorize();
      const stream = openEventStream(reply);
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      follow(world, stream, environment.id);
      keepAlive(stream, authorize);
      return reply;
    } catch (error) {
      return sendError(request, reply, error);
    }
  });
}

function follow({ bus }: Pick<World, 'bus'>, stream: ServerResponse, environmentId: number): void {
  const events = coalesce<Message>(SEND_MS, ({ topic, id }) => write(stream, `data: ${JSON.stringify({ topic, id })}\n\n`), merge);
  const unsubscribe = bus.subscribe(CHANNEL, (payload) => {
    const message = parseMessage(payload);
    if (message?.environmentId === environmentId) events.push(message.topic, message);
  });
  stream.once('close', () => {
    unsubscribe();
    events.stop();
  });
}

/** A comment keeps proxies from closing the stream; a member who signed out meanwhile loses it. */
function keepAlive(stream: ServerResponse, authorize: () => Promise<unknown>): void {
  const timer = setInterval(() => {
    write(stream, ': still here\n\n');
    authorize().catch((error: unknown) => error instanceof Problem && stream.end());
  }, HEARTBEAT_MS).unref();
  stream.once('close', () => clearInterval(timer));
}

function write(stream: ServerResponse, text: string): void {
  if (stream.writableEnded) return;
  if (stream.writableLength > UNREAD_BYTES_MAX) stream.destroy();
  else stream.write(text);
}

function merge(waiting: Message, { id, ...next }: Message): Message {
  return waiting.id !== undefined && waiting.id === id ? waiting : next;
}

function parseMessage(payload: unknown): Message | undefined {
  if (typeof payload !== 'object' || payload === null || !('environmentId' in payload) || !('topic' in payload)) return undefined;
  const topic = liveTopics.find((known) => known === payload.topic);
  if (typeof payload.environmentId !== 'number' || !topic) return undefined;
  const id = 'id' in payload && typeof payload.id === 'string' ? payload.id : undefined;
  return { environmentId: payload.environmentId, topic, ...(id === undefined ? {} : { id }) };
}
