/**
 * The sandbox's supervising thread: reads frames from the host and owns the realm, a worker thread in which authored code runs.
 * A run gets a fresh realm (17 ms, prepared while the process is idle), so nothing of one run is visible to the next. Authored code cannot occupy
 * this thread, so a host that dies is always noticed here as the end of stdin, and the process ends even while a function spins.
 */

import { realmSource } from 'realm:source';
import { encodeHead, type Frame, FrameReader } from '@bowline/api/frames';
import type { HostMessage, RunError, SandboxMessage } from '@bowline/api/protocol';
import { writeFrame } from './write.ts';

/** What the supervisor tells the realm; bodies are moved, not copied. `retire`: say `quiet` and end. */
export type RealmMessage = { message: Exclude<HostMessage, { type: 'reset' }> | { type: 'retire' }; body: Uint8Array };
export type RealmWord = 'ready' | 'quiet';

/** Measured: terminating a worker that spins leaves its thread spinning, so a realm that does not go quietly takes the process with it. */
const quietMs = 250;
const realmUrl = URL.createObjectURL(new Blob([realmSource], { type: 'text/javascript' }));
let realm = prepare({ type: 'ready' });

function prepare(ready: SandboxMessage): Worker {
  const fresh = new Worker(realmUrl, { type: 'module' });
  fresh.onmessage = () => writeFrame(encodeHead(ready, 0));
  fresh.onerror = (event) => {
    event.preventDefault();
    const error: RunError = { type: 'script_internal_error', message: event.message };
    if (realm === fresh) writeFrame(encodeHead({ type: 'done', ok: false, error }, 0));
  };
  return fresh;
}

function replace(nonce: string): void {
  const old = realm;
  const stubborn = setTimeout(() => Deno.exit(1), quietMs);
  old.onmessage = ({ data }: MessageEvent<RealmWord>) => {
    if (data !== 'quiet') return;
    clearTimeout(stubborn);
    old.terminate();
    realm = prepare({ type: 'ready', nonce });
  };
  tell({ message: { type: 'retire' }, body: new Uint8Array() });
}

function tell(told: RealmMessage): void {
  const moved = told.body.byteLength > 0 ? [told.body.buffer as ArrayBuffer] : [];
  realm.postMessage(told, moved);
}

function receive(frame: Frame): void {
  // The host is ours and speaks only this type; it holds no schema here so that the hot path parses nothing twice.
  const message = frame.header as HostMessage;
  if (message.type === 'reset') replace(message.nonce);
  else tell({ message, body: frame.body });
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

listen().then(
  () => Deno.exit(0),
  () => Deno.exit(1),
);
