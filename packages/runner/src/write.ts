/**
 * Writing frames to the host. Blocking on purpose: a host that reads slowly stops the authored code, instead of filling this process's memory.
 */

// Taken at load, because `globals.ts` hides Deno before any authored code runs.
const stdout = Deno.stdout;

export function writeFrame(head: Uint8Array, body?: Uint8Array): void {
  writeAll(head);
  if (body !== undefined && body.byteLength > 0) writeAll(body);
}

function writeAll(bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.byteLength) written += stdout.writeSync(written === 0 ? bytes : bytes.subarray(written));
}
