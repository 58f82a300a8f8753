/** Whether a process can take a run: when it was started, and after each run that it had. */
import { randomUUID } from 'node:crypto';
import type { SandboxProcess } from './process.ts';

const readyMs = 30_000;

/** `isFresh`: no authored code has run in its realm. */
export type Ready = { isFresh: boolean };

/** The process says that it can take its first run. `realm`: the text that runs in it. */
export function started(process: SandboxProcess, realm: Uint8Array): Promise<Ready | undefined> {
  const ready = untilReady(process);
  void process.send({ type: 'realm' }, realm);
  return ready;
}

/** The process says that it can take another run: in a realm of which nobody has seen anything if it `mustBeFresh`, else maybe in the one that was left as it was found. */
export function cleaned(process: SandboxProcess, { mustBeFresh }: { mustBeFresh: boolean }): Promise<Ready | undefined> {
  const nonce = randomUUID();
  const ready = untilReady(process, nonce);
  void process.send({ type: 'reset', nonce, mustBeFresh });
  return ready;
}

/** Undefined when the process ends, or says nothing, before it can take a run. Only the given nonce counts: no realm knows it. */
function untilReady(process: SandboxProcess, nonce?: string): Promise<Ready | undefined> {
  return new Promise((resolve) => {
    const settle = (ready: Ready | undefined) => {
      clearTimeout(timer);
      process.listen(undefined);
      resolve(ready);
    };
    const timer = setTimeout(() => settle(undefined), readyMs);
    process.listen({
      ended: () => settle(undefined),
      message: (message) => {
        if (message.type === 'ready' && message.nonce === nonce) settle({ isFresh: message.isFresh });
      },
    });
  });
}
