/**
 * The function's end of the conversation: every `nango.*` call is one frame out and one answer back, matched by a number.
 * Aborted means aborted: calls in flight fail at once and each later one fails before it is sent, so a cancelled function can do no more.
 */
import type { CallMethod, CallParams, CallValue } from '@bowline/api/calls';
import { encodeHead } from '@bowline/api/frames';
import type { HostMessage, LogLevel } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import { fromFailure, SdkError } from './errors.ts';

export type Answer<V> = { value: V; body: Uint8Array };
type AnswerMessage = Extract<HostMessage, { type: 'answer' }>;
type Pending = { method: CallMethod; resolve: (answer: Answer<never>) => void; reject: (error: unknown) => void };

export class Port {
  private readonly pending = new Map<number, Pending>();
  private readonly write: (head: Uint8Array, body?: Uint8Array) => void;
  private calls = 0;
  private aborted: string | undefined;
  private finished = false;

  constructor(write: (head: Uint8Array, body?: Uint8Array) => void) {
    this.write = write;
  }

  /** Sends one call; rejects with the error an author is meant to see. */
  async call<M extends CallMethod>(method: M, params: CallParams<M>, body?: Uint8Array): Promise<Answer<CallValue<M>>> {
    this.check();
    const id = this.calls++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { method, resolve, reject });
      this.write(encodeHead({ type: 'call', id, method, params }, body?.byteLength ?? 0), body);
    });
  }

  /** The value alone, for the calls whose answer has no body. */
  async ask<M extends CallMethod>(method: M, params: CallParams<M>): Promise<CallValue<M>> {
    return (await this.call(method, params)).value;
  }

  log(level: LogLevel, message: string, meta?: unknown): void {
    if (this.finished) return;
    this.write(encodeHead({ type: 'log', level, message, ...(meta === undefined ? {} : { meta }) }, 0));
  }

  /** Says how the run ended, once: what a function does after its end is nobody's business. */
  done(end: { ok: true; output: Uint8Array } | { ok: false; error: RunError }): void {
    if (this.finished) return;
    this.finished = true;
    if (end.ok) this.write(encodeHead({ type: 'done', ok: true }, end.output.byteLength), end.output);
    else this.write(encodeHead({ type: 'done', ok: false, error: end.error }, 0));
  }

  /** The run has ended and waits for nothing. */
  get over(): boolean {
    return this.finished && this.pending.size === 0;
  }

  settle(answer: AnswerMessage, body: Uint8Array): void {
    const waiting = this.pending.get(answer.id);
    if (waiting === undefined) return;
    this.pending.delete(answer.id);
    // The host answers each method with the value its table entry names; `never` is how one map holds all of them.
    if (answer.ok) waiting.resolve({ value: answer.value as never, body });
    else waiting.reject(fromFailure(waiting.method, answer.error, body));
  }

  abort(reason: string): void {
    this.aborted = reason;
    for (const waiting of this.pending.values()) waiting.reject(new SdkError('script_aborted', reason));
    this.pending.clear();
  }

  private check(): void {
    if (this.finished) throw new SdkError('script_aborted', 'The run is over.');
    if (this.aborted !== undefined) throw new SdkError('script_aborted', this.aborted);
  }
}
