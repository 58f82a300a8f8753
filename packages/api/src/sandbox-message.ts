/** What the host parses of what a sandbox says: its messages, and how a run failed. */
import * as z from 'zod';
import { logLevels, runErrorTypes } from './protocol.ts';

const runError = z.object({
  type: z.enum(runErrorTypes),
  message: z.string(),
  payload: z.unknown().optional(),
  /** For script_http_error: what the action API repeats to its caller. */
  upstream: z.object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.unknown().optional() }).optional(),
  /** Author's own lines, mapped to the source file where the bundle has a source map; at most ten. */
  stack: z.array(z.string()).max(10).optional(),
});
export type RunError = z.infer<typeof runError>;

/** Sandbox → host. A done run's output is JSON text in the body; a call's body is the method's. */
export const sandboxMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), nonce: z.string().optional() }),
  z.object({ type: z.literal('call'), id: z.number().int().nonnegative(), method: z.string().max(64), params: z.unknown() }),
  z.object({ type: z.literal('log'), level: z.enum(logLevels), message: z.string(), meta: z.unknown().optional() }),
  z.discriminatedUnion('ok', [
    z.object({ type: z.literal('done'), ok: z.literal(true) }),
    z.object({ type: z.literal('done'), ok: z.literal(false), error: runError }),
  ]),
]);
export type SandboxMessage = z.infer<typeof sandboxMessage>;
