/** Answers an HTTP caller of an action: the function's output as it is, or with `X-Async` where it will be. */
import type { FastifyReply } from 'fastify';
import type { Scope } from '../http/scope.ts';
import { JsonText } from '../http/serve.ts';
import type { RunWorld } from '../runs/context.ts';
import { type ActionCall, callAction, enqueueAction } from './call.ts';

type Asked = ActionCall & { later: boolean; retries: number };

/** @throws all of callAction */
export async function answerAction(
  world: RunWorld,
  scope: Scope,
  { later, retries, ...call }: Asked,
  reply: FastifyReply,
): Promise<JsonText | Started> {
  if (later) return started(await enqueueAction(world, scope, { ...call, retries }), reply);
  return new JsonText(await callAction(world, scope, call));
}

type Started = { id: string; statusUrl: string };

/** 202, with the address of the result in header and body. */
export function started(id: string, reply: FastifyReply): Started {
  const statusUrl = `/action/${id}`;
  reply.code(202).header('location', statusUrl);
  return { id, statusUrl };
}
