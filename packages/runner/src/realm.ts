/**
 * The realm: the worker thread one function runs in, and is thrown away with. It waits for one `run`, then turns answers into settled promises.
 * Frames to the host are written from here directly; only the host's messages pass through the supervisor.
 */

import { classify, HttpError, SdkError } from './errors.ts';
import { sealGlobals } from './globals.ts';
import { createLog } from './log.ts';
import type { RealmMessage } from './main.ts';
import { Port } from './port.ts';
import { execute } from './run.ts';
import { writeFrame } from './write.ts';

const port = new Port(writeFrame);
const log = createLog(port);
const builtin = sealGlobals(log.line);

addEventListener('message', (event: MessageEvent<RealmMessage>) => {
  const { message, body } = event.data;
  if (message.type === 'answer') port.settle(message, body);
  else if (message.type === 'abort') port.abort(message.reason);
  else if (message.type === 'retire') builtin.retire();
  else start(message.run, new TextDecoder().decode(body));
});

function start(run: Parameters<typeof execute>[0], code: string): void {
  const fail = (error: unknown) => port.done({ ok: false, error: classify(error, code) });
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    log.line('error', `A promise that nothing awaited failed: ${classify(event.reason, code).message}`);
    // A save that failed unseen would otherwise let the run end as a success without its records.
    if (event.reason instanceof SdkError || event.reason instanceof HttpError) fail(event.reason);
  });
  addEventListener('error', (event) => {
    event.preventDefault();
    fail(event.error);
  });
  execute(run, code, { port, log, builtin }).then((output) => port.done({ ok: true, output }), fail);
}

// Taken off the global object by now; the supervisor only needs to know that this realm can take a run.
builtin.announce();
