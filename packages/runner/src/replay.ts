/**
 * Time in a replay: it stands where the recorded run began, and only waiting moves it. A function that polls every ten seconds is done at once,
 * and what it computes from the date is what it computed then.
 */

type Callback = (...parts: unknown[]) => unknown;
type Begin = (callback: () => void, ms: number) => unknown;

/** @param replay.now an ISO text; without one time begins at the real present. @param replay.waits timers take their time. @returns what authored code finds instead of the globals of these names */
export function replayedClock({ now, waits = false }: { now?: string; waits?: boolean }): Record<string, unknown> {
  const start = now === undefined ? Date.now() : Date.parse(now);
  let waited = 0;
  const present = () => start + waited;
  const { setTimeout: later, setInterval: again } = globalThis;
  const soon =
    (begin: Begin) =>
    (callback: Callback, ms?: number, ...parts: unknown[]) => {
      const wanted = Math.max(0, Number(ms) || 0);
      return begin(
        () => {
          waited += wanted;
          callback(...parts);
        },
        waits ? wanted : 0,
      );
    };
  const Dates: unknown = new Proxy(Date, {
    construct: (target, parts, made) => Reflect.construct(target, parts.length === 0 ? [present()] : parts, made === Dates ? target : made),
    apply: () => new Date(present()).toString(),
    get: (target, key) => (key === 'now' ? present : Reflect.get(target, key)),
  });
  return { Date: Dates, setTimeout: soon(later), setInterval: soon(again) };
}
