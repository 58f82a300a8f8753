/** What a run may take: wall time and processor time. Whoever takes more is killed; memory is the pool's to watch, as a process has it between runs too. */
import type { SandboxProcess } from './process.ts';

export type Limits = {
  timeoutMs: number;
  /** Processor time of all threads, but of the first quarter of a second. Absent: no limit. Where the system does not tell it (macOS) only the wall time holds. */
  cpuMs?: number;
  /** Told the resident bytes of the process now and then, where the system says them. */
  onMemory?(bytes: number): void;
};

const cpuEveryMs = 250;
const memoryEveryMs = 50;

/** @returns what ends the watch */
export function watchLimits(process: SandboxProcess, { timeoutMs, cpuMs, onMemory }: Limits): () => void {
  const timers = [setTimeout(() => process.kill(late(timeoutMs)), timeoutMs)];
  if (cpuMs !== undefined) {
    // Counted from the first look: most runs are over before it, and to ask at once would take a sixtieth of what a short one takes here.
    let before: number | undefined;
    const look = () => {
      const now = process.cpuMs();
      before ??= now;
      if (now !== undefined && before !== undefined && now - before > cpuMs) process.kill(busy(cpuMs));
    };
    timers.push(setInterval(look, cpuEveryMs));
  }
  const measure = () => {
    const bytes = process.residentBytes();
    if (bytes !== undefined) onMemory?.(bytes);
  };
  if (onMemory) timers.push(setInterval(measure, memoryEveryMs));
  return () => {
    for (const timer of timers) clearInterval(timer);
    if (onMemory) measure();
  };
}

const late = (ms: number) =>
  ({ type: 'execution_timeout', message: `The function did not finish within ${ms} ms and was stopped.` }) as const;
const busy = (ms: number) =>
  ({
    type: 'execution_timeout',
    message: `The function used more than ${ms} ms of processor time and was stopped. Look for a loop that does not end; waiting for answers does not count.`,
  }) as const;
