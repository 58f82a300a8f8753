/** Bars over a day, each of parts that stand on each other. A bar says its numbers on hover, on focus and to screen readers. */
import { useState } from 'react';
import { cx } from './class-names.ts';
import { count } from './time.tsx';

/** `height`: what it adds to its bar, where that is not its number. */
export type Part<Slot> = { name: string; color: string; number: (slot: Slot) => number; height?: (slot: Slot) => number };
/** `parts`: from the ground up. `whole`: what all slots are together. */
type BarChartProps<Slot> = { slots: readonly Slot[]; parts: readonly Part<Slot>[]; whole: string };

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const timeOf = ({ at }: { at: string }) => clock.format(new Date(at));
/** One failure among thousands must still be seen. */
const PERCENT_MIN = 2.5;

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

export function BarChart<Slot extends { at: string }>({ slots, parts, whole }: BarChartProps<Slot>) {
  const [active, setActive] = useState<number>();
  const shown = active === undefined ? undefined : slots[active];
  const leave = () => setActive(undefined);
  const heightsOf = (slot: Slot) => parts.map(({ number, height = number }) => height(slot));
  const highest = Math.max(1, ...slots.map((slot) => sum(heightsOf(slot))));
  return (
    <figure>
      <figcaption aria-live="polite" className="mb-3 flex flex-wrap items-center gap-x-5 gap-y-1">
        {parts.map(({ name, color, number }) => (
          <span key={name} className="inline-flex items-center gap-2">
            <span aria-hidden className={cx('size-2 rounded-[3px]', color)} />
            <span className="text-muted">{name}</span>
            <span className="font-semibold tabular-nums">{count(shown ? number(shown) : sum(slots.map(number)))}</span>
          </span>
        ))}
        <span className="ml-auto text-muted tabular-nums">{shown ? `from ${timeOf(shown)}` : whole}</span>
      </figcaption>
      <div className="flex h-32 items-end gap-px border-b border-line sm:gap-1">
        {slots.map((slot, index) => {
          const heights = heightsOf(slot);
          return (
            <button
              key={slot.at}
              type="button"
              aria-label={`${timeOf(slot)}: ${parts.map(({ name, number }) => `${number(slot)} ${name.toLowerCase()}`).join(', ')}`}
              onMouseEnter={() => setActive(index)}
              onMouseLeave={leave}
              onFocus={() => setActive(index)}
              onBlur={leave}
              className={cx(
                'flex h-full min-w-0 flex-1 cursor-default flex-col-reverse justify-start gap-px rounded-t transition-opacity',
                active !== undefined && active !== index && 'opacity-40',
              )}
            >
              {sum(heights) === 0 && <span className="block h-[2px] rounded bg-line" />}
              {parts.map(({ name, color }, place) => (
                <Bar key={name} color={color} share={(heights[place] ?? 0) / highest} />
              ))}
            </button>
          );
        })}
      </div>
      <div aria-hidden className="mt-1.5 flex justify-between text-2xs text-faint tabular-nums">
        {[0, Math.floor(slots.length / 2), slots.length - 1].map((index) => (
          <span key={index}>{slots[index] && timeOf(slots[index])}</span>
        ))}
      </div>
    </figure>
  );
}

function Bar({ share, color }: { share: number; color: string }) {
  if (share === 0) return null;
  return <span className={cx('block rounded-[3px]', color)} style={{ height: `${Math.max(PERCENT_MIN, share * 100)}%` }} />;
}
