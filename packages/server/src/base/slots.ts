/** A number of places, taken in order of asking; who is cancelled while waiting leaves the line. */
export class Slots {
  private free: number;
  private readonly line: (() => void)[] = [];

  constructor(size: number) {
    this.free = size;
  }

  get waiting(): number {
    return this.line.length;
  }

  /** Resolves with the function that gives the place back, or undefined when `signal` aborts first. */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (this.free > 0) {
      this.free -= 1;
      return this.release();
    }
    const called = await new Promise<boolean>((resolve) => {
      const leave = () => {
        this.line.splice(this.line.indexOf(enter), 1);
        resolve(false);
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.line.push(enter);
    });
    return called ? this.release() : undefined;
  }

  private release(): () => void {
    return () => {
      const next = this.line.shift();
      if (next === undefined) this.free += 1;
      else next();
    };
  }
}
