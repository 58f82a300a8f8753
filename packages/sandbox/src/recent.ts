/** Owners that were served a short while ago, and how often. One is known as long as its process would have waited in `Idle`: if it comes again and again by then, a realm that can be kept is worth its price. */
type Options = {
  idleMs: number;
  idleMax: number;
  /** More than `idleMax` are known for this long. */
  surplusMs: number;
  now?: () => number;
};

/** Twice as much after 350 that took longer. */
const forgetting = 1.002;

export class Recent {
  /** When each was noted last, the oldest first, how many times, and how long it takes. */
  private readonly noted = new Map<string, { at: number; times: number; ms: number }>();
  private readonly options: Required<Options>;

  constructor(options: Options) {
    this.options = { now: () => performance.now(), ...options };
  }

  /** @param tookMs from its start until its process can take another */
  note(owner: string, tookMs: number): void {
    const times = this.times(owner) + 1;
    const ms = times === 1 ? tookMs : Math.min(this.tookMs(owner) * forgetting, tookMs);
    this.noted.delete(owner);
    this.noted.set(owner, { at: this.options.now(), times, ms });
  }

  times(owner: string): number {
    this.forget();
    return this.noted.get(owner)?.times ?? 0;
  }

  /** About how long one takes where nothing holds it up: of the last ones the shortest. 0: not known. */
  tookMs(owner: string): number {
    this.forget();
    return this.noted.get(owner)?.ms ?? 0;
  }

  private forget(): void {
    const { idleMs, idleMax, surplusMs, now } = this.options;
    for (const [owner, { at }] of this.noted) {
      if (now() - at < (this.noted.size > idleMax ? surplusMs : idleMs)) return;
      this.noted.delete(owner);
    }
  }
}
