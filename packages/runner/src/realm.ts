/**
 * The realm: the worker thread in which one function runs. It serves run after run as long as each leaves it as it was found (`reuse.ts`),
 * and ends itself otherwise. Frames to the host are written from here directly; only the host's messages pass through the supervisor.
 */

import { classify, HttpError, SdkError } from './errors.ts';
import { sealGlobals } from './globals.ts';
import { sharedByContexts } from './lasting.ts';
import { splitBody } from './library.ts';
import { createLog, type Log } from './log.ts';
import type { RealmMessage } from './main.ts';
import { moduleRoots } from './modules.ts';
import { Port } from './port.ts';
import { Reuse } from './reuse.ts';
import { execute } from './run.ts';
import { writeFrame } from './write.ts';

type Current = { port: Port; log: Log; code: string };

/** A blank process waits long with what making it left on the heap: 15 MB. */
const collectAfterMs = 50;
const later = setTimeout;
const reuse = new Reuse(Reflect.get(globalThis, 'Deno'));
const builtin = sealGlobals((level, message) => current?.log.line(level, message), reuse);
let current: Current | undefined;

addEventListener('message', (event: MessageEvent<RealmMessage>) => {
  const { message, body } = event.data;
  reuse.activity.count();
  if (message.type === 'answer') current?.port.settle(message, body);
  else if (message.type === 'abort') current?.port.abort(message.reason);
  else if (message.type === 'prepare') prepare();
  else if (message.type === 'retire') retire(message);
  else if (current === undefined) start(message.run, splitBody(body, message.libraries));
});

addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  if (current === undefined) return;
  current.log.line('error', `A promise that nothing awaited failed: ${classify(event.reason, current.code).message}`);
  // A save that failed unseen would otherwise let the run end as a success without its records.
  if (event.reason instanceof SdkError || event.reason instanceof HttpError) fail(current, event.reason);
});

addEventListener('error', (event) => {
  event.preventDefault();
  if (current !== undefined) fail(current, event.error);
});

function prepare(): void {
  if (!reuse.prepare(() => [...builtin.lazies(), ...moduleRoots(reuse), ...sharedByContexts()])) return;
  later(() => {
    if (current === undefined) builtin.collect();
  }, collectAfterMs);
}

function start(run: Parameters<typeof execute>[0], { code, libraries }: ReturnType<typeof splitBody>): void {
  reuse.begin();
  const port = new Port(writeFrame);
  const mine: Current = { port, log: createLog(port), code };
  current = mine;
  execute(run, code, { ...mine, builtin, reuse, libraries }).then(
    (output) => port.done({ ok: true, output }),
    (error) => fail(mine, error),
  );
}

function fail({ port, code }: Current, error: unknown): void {
  port.done({ ok: false, error: classify(error, code) });
}

/** The nonce proves to the supervisor that its question is answered, and not one that authored code sent through a message event of its own. */
function retire({ nonce, mayStay }: Extract<RealmMessage['message'], { type: 'retire' }>): void {
  if (mayStay && (current === undefined || current.port.over) && reuse.possible()) {
    current = undefined;
    builtin.say({ word: 'clean', nonce });
    return;
  }
  // Closing in the same breath, so that no timer of the finished run comes between.
  builtin.say({ word: reuse.activity.lost ? 'lost' : 'quiet', nonce });
  builtin.close();
}

// Taken off the global object by now; the supervisor only needs to know that this realm can take a run.
builtin.say({ word: 'ready' });
