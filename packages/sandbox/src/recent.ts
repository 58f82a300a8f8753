/** Keys that were served a short while ago, and how often. One is known as long as its process would have waited in `Idle`: if it comes again and again by then, a realm that can be kept is worth its price. */
type Options = {
  idleMs: number;
  idleMax: number;
  /** More than `idleMax` are known for this long. */
  surplusMs: number;
  now?: () => number;
};

export class Recent {
  /** When each was noted last, the oldest first, and how many times. */
  private readonly noted = new Map<string, { at: number; times: number }>();
  private readonly options: Required<Options>;

  constructor(options: Options) {
    this.options = { now: () => performance.now(), ...options };
  }

  note(key: string): void {
    const times = this.times(key) + 1;
    this.noted.delete(key);
    this.noted.set(key, { at: this.options.now(), times });
  }

  times(key: string): number {
    this.forget();
    return this.noted.get(key)?.times ?? 0;
  }

  private forget(): void {
    const { idleMs, idleMax, surplusMs, now } = this.options;
    for (const [key, { at }] of this.noted) {
      if (now() - at < (this.noted.size > idleMax ? surplusMs : idleMs)) return;
      this.noted.delete(key);
    }
  }
}
