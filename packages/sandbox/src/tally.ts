/** How many there are of each. */
export class Tally {
  private readonly counts = new Map<string, number>();

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  add(what: string, by: number): void {
    const now = this.of(what) + by;
    if (now > 0) this.counts.set(what, now);
    else this.counts.delete(what);
  }
}
