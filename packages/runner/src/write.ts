/**
 * Writing frames to the host. Blocking on purpose: a host that reads slowly stops the authored code, instead of filling this process's memory.
 */

// Taken at load, because `globals.ts` hides Deno before any authored code runs.
const stdout = Deno.stdout;

/** Below it a copy is less than a write, each of which wakes up the host. */
const joinedMax = 65_536;

export function writeFrame(head: Uint8Array, body?: Uint8Array): void {
  if (body === undefined || body.byteLength === 0) writeAll(head);
  else if (body.byteLength > joinedMax) {
    writeAll(head);
    writeAll(body);
  } else writeAll(joined(head, body));
}

function joined(head: Uint8Array, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.byteLength + body.byteLength);
  whole.set(head);
  whole.set(body, head.byteLength);
  return whole;
}

function writeAll(bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.byteLength) written += stdout.writeSync(written === 0 ? bytes : bytes.subarray(written));
}
