/** A sandbox's pipe without a sandbox: a Deno process that sends back what it reads. The floor of whatever a function asks its host. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { denoArguments, findDeno } from '../packages/sandbox/src/deno.ts';
import { makeFolder } from './platform.ts';
import { median } from './report.ts';

export function startEcho() {
  const { deno, env, script } = bareDeno('for await (const piece of Deno.stdin.readable) Deno.stdout.writeSync(piece);');
  const child = spawn(deno, denoArguments(script, 64), { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const frame = Buffer.alloc(500, 'x');
  const once = () =>
    new Promise<number>((resolve) => {
      const sent = performance.now();
      let received = 0;
      const take = (piece: Buffer) => {
        received += piece.length;
        if (received < frame.length) return;
        child.stdout.off('data', take);
        resolve(performance.now() - sent);
      };
      child.stdout.on('data', take);
      child.stdin.write(frame);
    });
  return {
    pid: child.pid ?? 0,
    p50: async () => {
      const times: number[] = [];
      for (let n = 0; n < 500; n++) times.push(await once());
      return median(times.slice(100));
    },
    stop: () => child.kill('SIGKILL'),
  };
}

/** What it takes to start a Deno process that does nothing but say a word, in milliseconds. */
export async function startHello(): Promise<() => Promise<number>> {
  const { deno, env, script } = bareDeno('Deno.stdout.writeSync(new Uint8Array([111, 107]));');
  return async () => {
    const started = performance.now();
    const child = spawn(deno, denoArguments(script, 64), { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const took = performance.now() - started;
    await new Promise((resolve) => child.once('close', resolve));
    return took;
  };
}

function bareDeno(text: string) {
  const folder = makeFolder();
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  const script = join(folder, 'bare.js');
  writeFileSync(script, text);
  return { script, deno: findDeno(scratch), env: { DENO_DIR: scratch, HOME: folder, DENO_NO_UPDATE_CHECK: '1' } };
}
