/** The clock of the emulator's process: `Date` can be held at a moment, so that seeded and replayed data carry the times they should. */
const real = Date.now.bind(Date);
let held: number | undefined;
const now = (): number => held ?? real();

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget): object => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});

/** @param at milliseconds since 1970; undefined lets time pass again */
export function holdClock(at: number | undefined): void {
  held = at;
}
