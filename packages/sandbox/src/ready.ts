/** Whether a process can take a run: when it was started, and after each run that it had. */
import { randomUUID } from 'node:crypto';
import type { SandboxProcess } from './process.ts';

const readyMs = 30_000;

/** The process says that it can take its first run. `realm`: the text that runs in it. */
export function started(process: SandboxProcess, realm: Uint8Array): Promise<boolean> {
  const ready = untilReady(process);
  void process.send({ type: 'realm' }, realm);
  return ready;
}

/** The process says that it can take another run: in a realm of which nobody has seen anything if it `mustBeFresh`, else maybe in the one that was left as it was found. */
export function cleaned(process: SandboxProcess, { mustBeFresh }: { mustBeFresh: boolean }): Promise<boolean> {
  const nonce = randomUUID();
  const ready = untilReady(process, nonce);
  void process.send({ type: 'reset', nonce, mustBeFresh });
  return ready;
}

/** False when the process ends, or says nothing, before it can take a run. Only the given nonce counts: no realm knows it. */
function untilReady(process: SandboxProcess, nonce?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isReady: boolean) => {
      clearTimeout(timer);
      process.listen(undefined);
      resolve(isReady);
    };
    const timer = setTimeout(() => settle(false), readyMs);
    process.listen({
      ended: () => settle(false),
      message: (message) => {
        if (message.type === 'ready' && message.nonce === nonce) settle(true);
      },
    });
  });
}
