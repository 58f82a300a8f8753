/** Bars by hour: failed on top of succeeded. Each bar says its numbers on hover, on focus and to screen readers. */
import { useState } from 'react';
import { cx } from '../../ui/class-names.ts';
import { count } from '../../ui/time.tsx';

type Hour = { at: string; success: number; failed: number };
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
/** An hour with one failure among thousands must still be seen. */
const PERCENT_MIN = 2.5;

export function HoursChart({ hours }: { hours: Hour[] }) {
  const [active, setActive] = useState<number>();
  const highest = Math.max(1, ...hours.map(({ success, failed }) => success + failed));
  const shown = active === undefined ? undefined : hours[active];
  const total = { success: hours.reduce((sum, hour) => sum + hour.success, 0), failed: hours.reduce((sum, hour) => sum + hour.failed, 0) };
  if (total.success + total.failed === 0)
    return <p className="rounded-lg bg-sunken/60 px-4 py-10 text-center text-muted">Nothing has run in the last 24 hours.</p>;
  return (
    <figure>
      <figcaption aria-live="polite" className="mb-3 flex flex-wrap items-center gap-x-5 gap-y-1">
        <Legend name="Succeeded" color="bg-bar" value={(shown ?? total).success} />
        <Legend name="Failed" color="bg-bad-bar" value={(shown ?? total).failed} />
        <span className="ml-auto text-muted tabular-nums">{shown ? `from ${clock.format(new Date(shown.at))}` : 'whole day'}</span>
      </figcaption>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: leaving the chart only ends the highlight */}
      <div className="flex h-28 items-end gap-[2px] border-b border-line sm:gap-1.5" onMouseLeave={() => setActive(undefined)}>
        {hours.map((hour, index) => (
          <button
            key={hour.at}
            type="button"
            aria-label={`${clock.format(new Date(hour.at))}: ${hour.success} succeeded, ${hour.failed} failed`}
            onMouseEnter={() => setActive(index)}
            onFocus={() => setActive(index)}
            onBlur={() => setActive(undefined)}
            className={cx(
              'flex h-full min-w-0 flex-1 cursor-default flex-col justify-end gap-px rounded-t transition-opacity',
              active !== undefined && active !== index && 'opacity-40',
            )}
          >
            <Bar share={hour.failed / highest} color="bg-bad-bar" />
            <Bar share={hour.success / highest} color="bg-bar" />
            {hour.success + hour.failed === 0 && <span className="block h-[2px] rounded bg-line" />}
          </button>
        ))}
      </div>
      <div aria-hidden className="mt-1.5 flex justify-between text-2xs text-faint tabular-nums">
        {[0, Math.floor(hours.length / 2), hours.length - 1].map((index) => (
          <span key={index}>{hours[index] && clock.format(new Date(hours[index].at))}</span>
        ))}
      </div>
    </figure>
  );
}

function Bar({ share, color }: { share: number; color: string }) {
  if (share === 0) return null;
  return <span className={cx('block rounded-[3px]', color)} style={{ height: `${Math.max(PERCENT_MIN, share * 100)}%` }} />;
}

function Legend({ name, color, value }: { name: string; color: string; value: number }) {
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className={cx('size-2 rounded-[3px]', color)} />
      <span className="text-muted">{name}</span>
      <span className="font-semibold tabular-nums">{count(value)}</span>
    </span>
  );
}
