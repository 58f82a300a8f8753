/** The shape of the host's answers: one function per call of the protocol, with that call's parsed parameters. */
import type { CallMethod, calls } from '@bowline/api/calls';
import type { SandboxAnswer } from '@bowline/sandbox/pool';
import type * as z from 'zod';
import type { RunContext } from './context.ts';

type Params<M extends CallMethod> = z.output<(typeof calls)[M]['params']>;
export type HostCalls<M extends CallMethod = CallMethod> = {
  readonly [K in M]: (context: RunContext, params: Params<K>, body: Buffer) => Promise<SandboxAnswer>;
};
