/** What was noted within the last so many milliseconds. Forgets the rest as it goes, so it never holds more than came in that time. */
export class Recent {
  /** When each was noted last, the oldest first. */
  private readonly noted = new Map<string, number>();
  private readonly ms: number;
  private readonly now: () => number;

  constructor(ms: number, now = () => performance.now()) {
    this.ms = ms;
    this.now = now;
  }

  note(key: string): void {
    this.forget();
    this.noted.delete(key);
    this.noted.set(key, this.now());
  }

  has(key: string): boolean {
    this.forget();
    return this.noted.has(key);
  }

  private forget(): void {
    for (const [key, at] of this.noted) {
      if (this.now() - at < this.ms) return;
      this.noted.delete(key);
    }
  }
}
