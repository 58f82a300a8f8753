// try.ts
import pino from "pino";

// src/base/sandbox.ts
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync as mkdirSync2, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as join2 } from "node:path";

// src/base/deno.ts
import { accessSync, chmodSync, constants, copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
var packageNames = {
  "linux-x64": "@deno/linux-x64-glibc",
  "linux-arm64": "@deno/linux-arm64-glibc",
  "darwin-x64": "@deno/darwin-x64",
  "darwin-arm64": "@deno/darwin-arm64"
};
function findDeno(scratch) {
  const platform = `${process.platform}-${process.arch}`;
  const name = packageNames[platform];
  if (name === void 0) throw new Error(`No sandbox runs on ${platform}. Use Linux (glibc) or macOS on x64 or arm64.`);
  let installed;
  try {
    installed = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "deno");
  } catch {
    throw new Error(`The package ${name} is not installed. Reinstall with optional dependencies: npm install --include=optional`);
  }
  return executable(installed) ?? copied(installed, scratch);
}
function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return void 0;
  }
}
function copied(path, scratch) {
  try {
    chmodSync(path, 493);
    return path;
  } catch {
    mkdirSync(scratch, { recursive: true });
    const copy = join(scratch, "deno");
    copyFileSync(path, copy);
    chmodSync(copy, 493);
    return copy;
  }
}
function denoArguments(script, heapMb) {
  const closed = ["--no-prompt", "--no-remote", "--no-npm", "--no-config", "--no-lock", "--cached-only", "--ignore-env"];
  return ["run", ...closed, `--v8-flags=--max-old-space-size=${heapMb}`, script];
}

// src/base/sandbox-process.ts
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

// ../api/src/frames.ts
var frameBytesMax = 128 * 1024 * 1024;
var prefixBytes = 8;
var encoder = new TextEncoder();
var decoder = new TextDecoder();
function encodeHead(header, bodyBytes) {
  const json = encoder.encode(JSON.stringify(header));
  const total = json.byteLength + bodyBytes;
  if (total > frameBytesMax) throw new FrameError(`A message of ${total} bytes is over the limit of ${frameBytesMax} bytes. Send less at a time.`);
  const head = new Uint8Array(prefixBytes + json.byteLength);
  const view = new DataView(head.buffer);
  view.setUint32(0, json.byteLength, true);
  view.setUint32(4, bodyBytes, true);
  head.set(json, prefixBytes);
  return head;
}
var FrameError = class extends Error {
  name = "FrameError";
};
var FrameReader = class {
  parts = [];
  held = 0;
  need = prefixBytes;
  sizes;
  deliver;
  constructor(deliver) {
    this.deliver = deliver;
  }
  /** Throws FrameError on an oversized or unreadable frame. */
  push(chunk) {
    this.parts.push(chunk);
    this.held += chunk.byteLength;
    while (this.held >= this.need) this.step();
  }
  step() {
    if (this.sizes === void 0) {
      const prefix = this.take(prefixBytes);
      const view = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes);
      const sizes = { header: view.getUint32(0, true), body: view.getUint32(4, true) };
      if (sizes.header === 0 || sizes.header + sizes.body > frameBytesMax) throw new FrameError("A frame announced an impossible size.");
      this.sizes = sizes;
      this.need = sizes.header + sizes.body;
      return;
    }
    const { header, body } = this.sizes;
    const json = this.take(header);
    const payload = this.take(body);
    this.sizes = void 0;
    this.need = prefixBytes;
    this.deliver({ header: parse(json), body: payload });
  }
  take(size) {
    const out = new Uint8Array(size);
    let filled = 0;
    let index = 0;
    while (filled < size) {
      const part = this.parts[index];
      if (part === void 0) throw new FrameError("A frame ended early.");
      const wanted = Math.min(size - filled, part.byteLength);
      out.set(wanted === part.byteLength ? part : part.subarray(0, wanted), filled);
      filled += wanted;
      if (wanted === part.byteLength) index += 1;
      else this.parts[index] = part.subarray(wanted);
    }
    this.parts.splice(0, index);
    this.held -= size;
    return out;
  }
};
function parse(json) {
  try {
    return JSON.parse(decoder.decode(json));
  } catch {
    throw new FrameError("A frame header is not JSON.");
  }
}

// ../api/src/protocol.ts
import * as z from "zod";
var logLevels = ["debug", "info", "warn", "error", "off"];
var runErrorTypes = [
  "action_script_runtime_error",
  "script_aborted",
  "execution_interrupted",
  "execution_timeout",
  "unknown_provider_template_in_config",
  "invalid_sync_record",
  "invalid_action_input",
  "invalid_action_output",
  "script_output_too_large",
  "script_http_error",
  "script_api_rate_limit_error",
  "script_network_error",
  "script_internal_error",
  "function_runtime_out_of_memory",
  "function_runtime_other"
];
var runError = z.object({
  type: z.enum(runErrorTypes),
  message: z.string(),
  payload: z.unknown().optional(),
  /** For script_http_error: what the action API repeats to its caller. */
  upstream: z.object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.unknown().optional() }).optional(),
  /** Author's own lines, mapped to the source file where the bundle has a source map; at most ten. */
  stack: z.array(z.string()).max(10).optional()
});
var sandboxMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), nonce: z.string().optional() }),
  z.object({ type: z.literal("call"), id: z.number().int().nonnegative(), method: z.string().max(64), params: z.unknown() }),
  z.object({ type: z.literal("log"), level: z.enum(logLevels), message: z.string(), meta: z.unknown().optional() }),
  z.discriminatedUnion("ok", [
    z.object({ type: z.literal("done"), ok: z.literal(true) }),
    z.object({ type: z.literal("done"), ok: z.literal(false), error: runError })
  ])
]);
var CallError = class extends Error {
  failure;
  body;
  constructor(failure, body) {
    super(failure.message);
    this.name = failure.name;
    this.failure = failure;
    this.body = body;
  }
};

// src/base/sandbox-process.ts
var stderrKept = 4096;
var SandboxProcess = class {
  pid;
  child;
  listener;
  ending;
  stderr = "";
  dead = false;
  /** Called once when the process is gone, whatever the reason. */
  onGone = () => void 0;
  constructor({ deno, args, cwd, env }) {
    this.child = spawn(deno, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    this.pid = this.child.pid;
    const frames = new FrameReader((frame) => this.receive(frame));
    this.child.stdout?.on("data", (chunk) => {
      try {
        if (this.ending === void 0) frames.push(chunk);
      } catch (error) {
        this.violated(error);
      }
    });
    this.child.stderr?.on("data", (chunk) => {
      this.stderr = (this.stderr + chunk.toString("utf8")).slice(-stderrKept);
    });
    this.child.stdin?.on("error", () => void 0);
    this.child.on("error", (error) => this.gone({ type: "function_runtime_other", message: `The sandbox could not start: ${error.message}` }));
    this.child.on("close", (code, signal) => this.gone(this.crash(code, signal)));
  }
  get alive() {
    return !this.dead && this.ending === void 0;
  }
  listen(listener) {
    this.listener = listener;
    if (listener !== void 0 && !this.alive) listener.ended(this.ending ?? this.crash(null, null));
  }
  /** Resolves when the pipe can take more, so that answers never pile up in this process. */
  async send(message, body) {
    const stdin = this.child.stdin;
    if (!this.alive || stdin === null || stdin.destroyed) return;
    stdin.cork();
    let open = stdin.write(encodeHead(message, body?.byteLength ?? 0));
    if (body !== void 0 && body.byteLength > 0) open = stdin.write(body);
    stdin.uncork();
    if (open) return;
    await new Promise((resolve) => {
      const go = () => {
        stdin.off("drain", go).off("close", go);
        resolve();
      };
      stdin.on("drain", go).on("close", go);
    });
  }
  /** Stops reading, which blocks the authored code at its next call. */
  pause(paused) {
    if (paused) this.child.stdout?.pause();
    else this.child.stdout?.resume();
  }
  kill(ending) {
    if (this.ending === void 0 && !this.dead) {
      this.ending = ending;
      this.listener?.ended(ending);
    }
    this.child.kill("SIGKILL");
    this.pause(false);
  }
  /** Resident memory in bytes; undefined where /proc is not there or the process is gone. */
  residentBytes() {
    if (this.pid === void 0 || this.dead || process.platform !== "linux") return void 0;
    try {
      return Number(readFileSync(`/proc/${this.pid}/statm`, "latin1").split(" ")[1]) * 4096;
    } catch {
      return void 0;
    }
  }
  receive(frame) {
    const parsed = sandboxMessage.safeParse(frame.header);
    if (!parsed.success) throw new FrameError("The sandbox sent a message that is not in the protocol.");
    this.listener?.message(parsed.data, frame.body);
  }
  violated(error) {
    const message = error instanceof FrameError ? error.message : "The sandbox could not be understood.";
    this.kill({ type: "function_runtime_other", message: `${message} It was stopped.` });
  }
  gone(ending) {
    if (this.dead) return;
    this.dead = true;
    if (this.ending === void 0) {
      this.ending = ending;
      this.listener?.ended(ending);
    }
    this.onGone();
  }
  crash(code, signal) {
    const outOfMemory = /out of memory|heap limit|allocation failed/i.test(this.stderr) || signal === "SIGKILL";
    if (outOfMemory) return outOfMemoryEnding;
    return { type: "function_runtime_other", message: `The sandbox ended unexpectedly (${signal ?? `code ${code}`}).` };
  }
  /** The end of what it wrote to stderr, for the server's log. */
  get lastWords() {
    return this.stderr;
  }
};
var outOfMemoryEnding = {
  type: "function_runtime_out_of_memory",
  message: "The function used more memory than it may have. Process and save data in smaller pieces instead of collecting it."
};

// src/base/sandbox-run.ts
var callsInFlightMax = 64;
function runInProcess(process2, job, { log, graceMs }) {
  return new Promise((resolve) => {
    let inFlight = 0;
    let grace;
    const timeout = setTimeout(() => {
      process2.kill({ type: "execution_timeout", message: `The function did not finish within ${job.timeoutMs} ms and was stopped.` });
    }, job.timeoutMs);
    const abort = () => {
      void process2.send({ type: "abort", reason: "The run was cancelled." });
      grace = setTimeout(() => process2.kill({ type: "script_aborted", message: "The run was cancelled." }), graceMs);
    };
    const settle = (outcome) => {
      clearTimeout(timeout);
      clearTimeout(grace);
      job.signal.removeEventListener("abort", abort);
      process2.listen(void 0);
      process2.pause(false);
      resolve(outcome);
    };
    const answer = async (id, call) => {
      inFlight += 1;
      if (inFlight === callsInFlightMax) process2.pause(true);
      await respond(process2, id, call, job, log);
      inFlight -= 1;
      if (inFlight === callsInFlightMax - 1) process2.pause(false);
    };
    process2.listen({
      ended: (error) => settle({ ok: false, error }),
      message: (message, body) => {
        const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
        if (message.type === "call") void answer(message.id, { method: message.method, params: message.params, body: bytes });
        else if (message.type === "log") tell(job, message, log);
        else if (message.type === "done") settle(message.ok ? { ok: true, output: bytes } : { ok: false, error: message.error });
      }
    });
    void process2.send({ type: "run", run: job.run }, Buffer.from(job.code));
    if (job.signal.aborted) abort();
    else job.signal.addEventListener("abort", abort, { once: true });
  });
}
async function respond(process2, id, call, job, log) {
  try {
    const { value = null, body } = await job.onCall(call);
    await process2.send({ type: "answer", id, ok: true, value }, body);
  } catch (error) {
    const known = error instanceof CallError;
    if (!known) log.error({ err: error, method: call.method }, "answering a function failed");
    await process2.send({ type: "answer", id, ok: false, error: known ? error.failure : unexplained(call.method) }, known ? error.body : void 0);
  }
}
function unexplained(method) {
  return { name: "Error", code: "server_error", message: `The platform failed to answer ${method.slice(0, 64)}. Its server log says why.` };
}
function tell(job, { level, message, meta }, log) {
  try {
    job.onLog({ level, message, ...meta === void 0 ? {} : { meta } });
  } catch (error) {
    log.error({ err: error }, "keeping a line of a function failed");
  }
}

// src/base/slots.ts
var Slots = class {
  free;
  line = [];
  constructor(size) {
    this.free = size;
  }
  get waiting() {
    return this.line.length;
  }
  /** Resolves with the function that gives the place back, or undefined when `signal` aborts first. */
  async take(signal) {
    if (signal.aborted) return void 0;
    if (this.free > 0) {
      this.free -= 1;
      return this.release();
    }
    const called = await new Promise((resolve) => {
      const leave = () => {
        this.line.splice(this.line.indexOf(enter), 1);
        resolve(false);
      };
      const enter = () => {
        signal.removeEventListener("abort", leave);
        resolve(true);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.line.push(enter);
    });
    return called ? this.release() : void 0;
  }
  release() {
    return () => {
      const next = this.line.shift();
      if (next === void 0) this.free += 1;
      else next();
    };
  }
};

// src/base/sandbox.ts
var watchEveryMs = 100;
var readyMs = 3e4;
function createSandboxes(options) {
  return new Pool(options);
}
var Pool = class {
  options;
  spawning;
  scratch;
  slots;
  processes = /* @__PURE__ */ new Set();
  blank = [];
  idle = /* @__PURE__ */ new Map();
  watch;
  counts = { running: 0, spawned: 0, reused: 0 };
  closed = false;
  constructor({ denoPath, ...given }) {
    this.options = { warm: 2, idleMs: 3e4, idleMax: 8, runsMax: 32, memoryMb: 512, heapMb: 256, graceMs: 2e3, ...given };
    this.slots = new Slots(this.options.runsMax);
    this.scratch = mkdtempSync(join2(tmpdir(), "bowline-sandbox-"));
    const cwd = join2(this.scratch, "empty");
    const cache = join2(this.scratch, "cache");
    mkdirSync2(cwd);
    mkdirSync2(cache);
    const env = { DENO_DIR: cache, HOME: cache, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
    const args = denoArguments(this.options.runnerPath, this.options.heapMb);
    this.spawning = { deno: denoPath ?? findDeno(this.scratch), args, cwd, env };
    this.watch = setInterval(() => this.checkMemory(), watchEveryMs);
    this.watch.unref();
    this.refill();
  }
  async run(job) {
    const free = await this.slots.take(job.signal);
    if (free === void 0) return cancelled;
    this.counts.running += 1;
    try {
      return await this.runNow(job);
    } finally {
      this.counts.running -= 1;
      free();
    }
  }
  async close() {
    this.closed = true;
    clearInterval(this.watch);
    for (const one of [...this.idle.values()].flat()) clearTimeout(one.timer);
    const gone = [...this.processes].map((process2) => this.end(process2));
    await Promise.all(gone);
    rmSync(this.scratch, { recursive: true, force: true });
  }
  stats() {
    const idle = [...this.idle.values()].flat().length;
    return { processes: this.processes.size, blank: this.blank.length, idle, waiting: this.slots.waiting, ...this.counts };
  }
  async runNow(job) {
    const key = createHash("sha256").update(job.key).update("\0").update(job.code).digest("base64");
    for (let attempt = 0; attempt < 3; attempt++) {
      if (this.closed || job.signal.aborted) return cancelled;
      const { process: process2, ready } = this.take(key);
      if (!await ready) {
        this.options.log.warn({ stderr: process2.lastWords }, "a sandbox did not become ready");
        process2.kill({ type: "function_runtime_other", message: "The sandbox did not become ready." });
        continue;
      }
      if (job.signal.aborted) {
        this.keep(key, process2);
        return cancelled;
      }
      const outcome = await runInProcess(process2, job, this.options);
      if (process2.lastWords !== "") this.options.log.debug({ stderr: process2.lastWords }, "a sandbox wrote to stderr");
      this.keep(key, process2);
      return outcome;
    }
    return { ok: false, error: { type: "function_runtime_other", message: "No sandbox could be started. The server log says why." } };
  }
  /** The key's own waiting process, else a blank one; a process never changes its key. */
  take(key) {
    const waiting = this.idle.get(key)?.pop();
    if (waiting !== void 0) {
      clearTimeout(waiting.timer);
      if (this.idle.get(key)?.length === 0) this.idle.delete(key);
      if (waiting.process.alive) {
        this.counts.reused += 1;
        return waiting;
      }
    }
    const blank = this.blank.shift() ?? this.spawn();
    this.refill();
    return blank;
  }
  keep(key, process2) {
    if (!process2.alive) return;
    if (this.closed || this.options.idleMs === 0 || this.options.idleMax === 0) return void this.end(process2);
    const idle = [...this.idle.values()].flat();
    if (idle.length >= this.options.idleMax) this.evict(idle);
    const nonce = randomUUID();
    const ready = untilReady(process2, nonce);
    void process2.send({ type: "reset", nonce });
    const timer = setTimeout(() => void this.end(process2), this.options.idleMs);
    timer.unref();
    this.idle.set(key, [...this.idle.get(key) ?? [], { process: process2, ready, timer, since: performance.now() }]);
  }
  evict(idle) {
    const oldest = idle.reduce((one, other) => other.since < one.since ? other : one);
    clearTimeout(oldest.timer);
    void this.end(oldest.process);
  }
  spawn() {
    const process2 = new SandboxProcess(this.spawning);
    this.counts.spawned += 1;
    this.processes.add(process2);
    process2.onGone = () => this.forget(process2);
    return { process: process2, ready: untilReady(process2) };
  }
  refill() {
    while (!this.closed && this.blank.length < this.options.warm) this.blank.push(this.spawn());
  }
  forget(process2) {
    this.processes.delete(process2);
    const blank = this.blank.findIndex((one) => one.process === process2);
    if (blank >= 0) this.blank.splice(blank, 1);
    for (const [key, list] of this.idle) {
      const left = list.filter((one) => one.process !== process2);
      if (left.length === 0) this.idle.delete(key);
      else this.idle.set(key, left);
    }
  }
  async end(process2) {
    if (!this.processes.has(process2)) return;
    const gone = new Promise((resolve) => {
      process2.onGone = () => {
        this.forget(process2);
        resolve();
      };
    });
    process2.kill({ type: "script_aborted", message: "The sandboxes are shutting down." });
    await gone;
  }
  checkMemory() {
    for (const process2 of this.processes) {
      const bytes = process2.residentBytes();
      if (bytes !== void 0 && bytes > this.options.memoryMb * 1024 * 1024) process2.kill(outOfMemoryEnding);
    }
  }
};
var cancelled = { ok: false, error: { type: "script_aborted", message: "The run was cancelled." } };
function untilReady(process2, nonce) {
  return new Promise((resolve) => {
    const settle = (ready) => {
      clearTimeout(timer);
      process2.listen(void 0);
      resolve(ready);
    };
    const timer = setTimeout(() => settle(false), readyMs);
    process2.listen({
      ended: () => settle(false),
      message: (message) => {
        if (message.type === "ready" && message.nonce === nonce) settle(true);
      }
    });
  });
}

// try.ts
import { build } from "/work/wt/sandbox/packages/runner/build.mjs";
var s = createSandboxes({ log: pino({ level: "debug" }), runnerPath: await build(), warm: 1 });
console.log(await s.run({ key: "a", run: { kind: "action", models: [], input: 1 }, code: process.argv[2] ?? "module.exports={exec:async()=>{return 1}}", timeoutMs: 3e3, signal: new AbortController().signal, onLog: console.log, onCall: async () => ({ value: 1 }) }));
await s.close();
