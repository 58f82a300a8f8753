/** Remembering an answer for a while: callers within the time share one question, and a failed one is asked again. */
export class Memo<V> {
  private readonly held = new Map<string, { at: number; value: Promise<V> }>();
  private readonly keepMs: number;

  constructor(keepMs: number) {
    this.keepMs = keepMs;
  }

  get(key: string, ask: () => Promise<V>): Promise<V> {
    const known = this.held.get(key);
    if (known !== undefined && performance.now() - known.at < this.keepMs) return known.value;
    const value = ask();
    this.held.set(key, { at: performance.now(), value });
    value.catch(() => this.held.delete(key));
    return value;
  }

  clear(): void {
    this.held.clear();
  }
}
