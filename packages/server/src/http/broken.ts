/**
 * Answers requests that never become one: headers over the limit, no HTTP, or too slow. They reach no route, so the envelope
 * is written on the socket, which then closes.
 */
import type { Socket } from 'node:net';
import { problem } from '@bowline/api/problem';
import type { FastifyBaseLogger } from 'fastify';
import { problemAnswer } from './answer.ts';

/** The address counts as one of the headers: `GET /records` takes 100 `ids` of 256 characters, 77 KB when each is written `%2F`. */
export const HEADER_BYTES_MAX = 128 * 1024;
/** A caller that does not read its refusal is let go. */
const LINGER_MS = 2_000;

const refusals: Record<string, ReturnType<typeof problem>> = {
  HPE_HEADER_OVERFLOW: problem('request_too_large', { message: 'Address and headers together exceed 128 KB', status: 431 }),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: problem('request_too_large', { message: 'The extensions of a chunk exceed 16 KB' }),
  ERR_HTTP_REQUEST_TIMEOUT: problem('request_timeout', { message: 'The headers did not arrive in time' }),
};
const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
};

/** @param isBusy an answer is on its way on this socket; another one would garble it */
export function refuseBroken(error: Error & { code?: string }, socket: Socket, { isBusy, id, log }: Refusing): void {
  if (!socket.writable || isBusy(socket) || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const known = refusals[error.code ?? ''] ?? problem('malformed_request', { message: 'This is not a valid HTTP/1.1 request' });
  const { status, body } = problemAnswer(undefined, known);
  const text = JSON.stringify({ error: { ...body.error, request_id: id } });
  log.debug({ reqId: id, reason: error.code }, 'a broken request was refused');
  const head = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${id}`,
    'x-content-type-options: nosniff',
    'access-control-allow-origin: *',
    'access-control-expose-headers: X-Request-Id',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

type Refusing = { isBusy(socket: Socket): boolean; id: string; log: FastifyBaseLogger };
