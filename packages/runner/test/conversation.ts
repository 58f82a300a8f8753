/** The host's end of a Port for tests: frames are decoded as the real host decodes them, and answered by a script. */
import { type Frame, FrameReader } from '@bowline/api/frames';
import type { CallFailure, RunSpec } from '@bowline/api/protocol';
import { Port } from '../src/port.ts';

export type Call = { method: string; params: Record<string, unknown>; body: Uint8Array };
export type Reply = { value?: unknown; body?: Uint8Array | string; fail?: CallFailure };
type Header = { type: string; id: number; method: string; params: Record<string, unknown>; level: string; message: string };

/** `answer` may return a promise; calls and log lines are kept in order of arrival. */
export function conversation(answer: (call: Call, index: number) => Reply | Promise<Reply> = () => ({})) {
  const calls: Call[] = [];
  const lines: { level: string; message: string }[] = [];
  const receive = async ({ header, body }: Frame) => {
    const { type, id, method, params, level, message } = header as Header; // What our own Port wrote.
    if (type === 'log') lines.push({ level, message });
    if (type !== 'call') return;
    const call = { method, params, body };
    const { value = null, body: back = new Uint8Array(), fail } = await answer(call, calls.push(call) - 1);
    const bytes = typeof back === 'string' ? new TextEncoder().encode(back) : back;
    if (fail === undefined) port.settle({ type: 'answer', id, ok: true, value }, bytes);
    else port.settle({ type: 'answer', id, ok: false, error: fail }, bytes);
  };
  const reader = new FrameReader((frame) => void receive(frame));
  const port = new Port((head, body) => {
    reader.push(head);
    if (body !== undefined && body.byteLength > 0) reader.push(body);
  });
  return { port, calls, lines };
}

export const syncSpec: RunSpec = {
  kind: 'sync',
  name: 'users',
  connectionId: 'c1',
  providerConfigKey: 'github',
  provider: 'github',
  environmentId: 1,
  environmentName: 'dev',
  nangoConnectionId: 7,
  activityLogId: 'op1',
  syncJobId: 3,
  variant: 'base',
  models: ['User'],
  isCLI: false,
};
