/**
 * The sandbox's supervising thread: reads frames from the host and owns the realm, a worker thread in which authored code runs.
 * Between runs the realm says whether it is as it was before; if not, or if the next run may be another connection's, it is replaced, so nothing of one run
 * is visible to the next. Authored code cannot occupy this thread, so a host that dies is always noticed here as the end of stdin, and the process ends even
 * while a function spins.
 */

import { encodeHead, type Frame, FrameReader } from '@bowline/api/frames';
import type { HostMessage } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import { writeFrame } from './write.ts';

/**
 * What the supervisor tells the realm; bodies are moved, not copied. `retire`: say `clean` when you `mayStay` and can serve another run, `quiet` when not,
 * `lost` when threads of your own may outlive you, and end.
 */
export type RealmMessage = {
  message: Exclude<HostMessage, { type: 'reset' | 'realm' }> | { type: 'retire'; nonce: string; mayStay: boolean };
  body: Uint8Array;
};
export type RealmWord = { word: 'ready' } | { word: 'clean' | 'quiet' | 'lost'; nonce: string };

type Realm = { worker: Worker; ready: Promise<void>; asked: boolean };

/** Measured: terminating a worker that spins leaves its thread spinning, so a realm that does not go quietly takes the process with it. */
const quietMs = 250;
/** A realm made for a run that waits is asked to run at once; the picture can then be taken a moment later. */
const prepareAfterMs = 10;
/** The realm's text follows, which is then spared Deno's own reading of modules. */
const seed = `addEventListener('message', ({ data }) => (0, eval)(data), { once: true })`;
const seedUrl = URL.createObjectURL(new Blob([seed], { type: 'text/javascript' }));
const nothing = new Uint8Array();
const chunkBytes = 65_536;
let realmText = '';
let realm: Realm;
/** More than one run is to be expected: each realm takes its picture, which is more work than making it. */
let stays = false;
let spare: Realm | undefined;
/** Runs in a row that left something behind. After one the next realm is made while the function runs, after three none takes its picture any more. */
let left = 0;
const leftMax = 3;

function create(): Realm {
  const worker = new Worker(seedUrl, { type: 'module' });
  worker.postMessage(realmText);
  const ready = new Promise<void>((resolve) => {
    worker.onmessage = () => {
      resolve();
      if (!stays || left >= leftMax) return;
      setTimeout(() => worker.postMessage({ message: { type: 'prepare' }, body: nothing } satisfies RealmMessage), prepareAfterMs);
    };
  });
  worker.onerror = (event) => {
    event.preventDefault();
    const error: RunError = { type: 'script_internal_error', message: event.message };
    if (realm.worker === worker) writeFrame(encodeHead({ type: 'done', ok: false, error }, 0));
  };
  return { worker, ready, asked: false };
}

function begin(text: Uint8Array): void {
  realmText = new TextDecoder().decode(text);
  realm = create();
  void realm.ready.then(() => writeFrame(encodeHead({ type: 'ready' }, 0)));
}

function reset({ nonce, mustBeFresh }: Extract<HostMessage, { type: 'reset' }>): void {
  const { worker } = realm;
  const stubborn = setTimeout(() => Deno.exit(1), quietMs);
  const ready = () => writeFrame(encodeHead({ type: 'ready', nonce }, 0));
  // Of its own: what a realm knows could be told to the host by the code in it, and the realm that the host believes fresh would be the old one.
  const question = crypto.randomUUID();
  worker.onmessage = ({ data }: MessageEvent<RealmWord>) => {
    if (data.word === 'ready' || data.nonce !== question) return;
    clearTimeout(stubborn);
    worker.onmessage = null;
    // A worker that was made by way of node:worker_threads goes on when its maker is terminated.
    if (data.word === 'lost') Deno.exit(0);
    if (data.word === 'clean' && !mustBeFresh) {
      left = 0;
      return ready();
    }
    worker.terminate();
    if (!mustBeFresh) left += 1;
    realm = spare ?? create();
    spare = undefined;
    void realm.ready.then(ready);
  };
  tell({ message: { type: 'retire', nonce: question, mayStay: !mustBeFresh }, body: nothing });
}

function tell(told: RealmMessage): void {
  const moved = told.body.byteLength > 0 ? [told.body.buffer as ArrayBuffer] : [];
  realm.worker.postMessage(told, moved);
}

function receive(frame: Frame): void {
  // The host is ours and speaks only this type; it holds no schema here so that the hot path parses nothing twice.
  const message = frame.header as HostMessage;
  if (message.type === 'realm') {
    begin(frame.body);
    return;
  }
  if (message.type === 'reset') {
    reset(message);
    return;
  }
  stays ||= message.type === 'prepare';
  if (message.type === 'run' && stays && left < leftMax && !realm.asked) {
    realm.asked = true; // once for all its runs: each word wakes up a thread
    tell({ message: { type: 'prepare' }, body: nothing });
  }
  tell({ message, body: frame.body });
  // While the function runs, so that the next caller finds it ready.
  if (message.type === 'run' && left > 0) spare ??= create();
}

async function listen(): Promise<void> {
  const frames = new FrameReader(receive);
  let chunk = new Uint8Array(chunkBytes);
  for (;;) {
    const size = await Deno.stdin.read(chunk);
    if (size === null) return;
    frames.push(chunk.subarray(0, size));
    if (!frames.isEmpty) chunk = new Uint8Array(chunkBytes);
  }
}

listen().then(
  () => Deno.exit(0),
  () => Deno.exit(1),
);
