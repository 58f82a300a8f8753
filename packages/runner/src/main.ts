/**
 * The sandbox's supervising thread: reads frames from the host and owns the realm, a worker thread in which authored code runs.
 * A run gets a fresh realm (17 ms, prepared while the process is idle), so nothing of one run is visible to the next. Authored code cannot occupy
 * this thread, so a host that dies is always noticed here as the end of stdin, and the process ends even while a function spins.
 */

import { realmSource } from 'realm:source';
import { encodeHead, type Frame, FrameReader } from '@bowline/api/frames';
import type { HostMessage, RunError } from '@bowline/api/protocol';
import { writeFrame } from './write.ts';

/** What the supervisor tells the realm; bodies are moved, not copied. */
export type RealmMessage = { message: Exclude<HostMessage, { type: 'reset' }>; body: Uint8Array };

const realmUrl = URL.createObjectURL(new Blob([realmSource], { type: 'text/javascript' }));
let realm: Worker | undefined;

function prepare(nonce?: string): void {
  realm?.terminate();
  const fresh = new Worker(realmUrl, { type: 'module' });
  realm = fresh;
  fresh.onmessage = () => writeFrame(encodeHead({ type: 'ready', ...(nonce === undefined ? {} : { nonce }) }, 0));
  fresh.onerror = (event) => {
    event.preventDefault();
    if (realm !== fresh) return;
    const error: RunError = { type: 'script_internal_error', message: event.message };
    writeFrame(encodeHead({ type: 'done', ok: false, error }, 0));
  };
}

function receive(frame: Frame): void {
  // The host is ours and speaks only this type; it holds no schema here so that the hot path parses nothing twice.
  const message = frame.header as HostMessage;
  if (message.type === 'reset') {
    prepare(message.nonce);
    return;
  }
  const told: RealmMessage = { message, body: frame.body };
  const moved = frame.body.byteLength > 0 ? [frame.body.buffer as ArrayBuffer] : [];
  realm?.postMessage(told, moved);
}

async function listen(): Promise<void> {
  const frames = new FrameReader(receive);
  for (;;) {
    const chunk = new Uint8Array(65_536);
    const size = await Deno.stdin.read(chunk);
    if (size === null) return;
    frames.push(chunk.subarray(0, size));
  }
}

prepare();
listen().then(
  () => Deno.exit(0),
  () => Deno.exit(1),
);
