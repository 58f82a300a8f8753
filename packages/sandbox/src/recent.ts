/** Keys that were served a short while ago. One is known as long as its process would have waited in `Idle`: if it comes again by then, a process that can be kept is worth its price. */
type Options = {
  idleMs: number;
  idleMax: number;
  /** More than `idleMax` are known for this long. */
  surplusMs: number;
  now?: () => number;
};

export class Recent {
  /** When each was noted last, the oldest first. */
  private readonly noted = new Map<string, number>();
  private readonly options: Required<Options>;

  constructor(options: Options) {
    this.options = { now: () => performance.now(), ...options };
  }

  note(key: string): void {
    this.noted.delete(key);
    this.noted.set(key, this.options.now());
    this.forget();
  }

  has(key: string): boolean {
    this.forget();
    return this.noted.has(key);
  }

  private forget(): void {
    const { idleMs, idleMax, surplusMs, now } = this.options;
    for (const [key, at] of this.noted) {
      if (now() - at < (this.noted.size > idleMax ? surplusMs : idleMs)) return;
      this.noted.delete(key);
    }
  }
}
