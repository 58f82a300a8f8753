/** Requests to the provider by half hours and by kind, refusals on top. Each bar says its numbers on hover, on focus and to screen readers. */
import type { RateLimits } from '@bowline/api/dashboard';
import { useState } from 'react';
import { cx } from '../../ui/class-names.ts';
import { count } from '../../ui/time.tsx';

type Slot = RateLimits['slots'][number];
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
/** From the top: what was refused is a part of the others and is shown as such. */
const parts = [
  { key: 'refused', name: 'Refused', color: 'bg-bad-bar' },
  { key: 'proxy', name: 'Proxy', color: 'bg-bar' },
  { key: 'action', name: 'Actions', color: 'bg-good-bar' },
  { key: 'sync', name: 'Syncs', color: 'bg-rope' },
] as const;
/** One refusal among thousands must still be seen. */
const PERCENT_MIN = 2.5;

const sent = ({ proxy, action, sync }: Slot) => proxy + action + sync;

export function SpendingChart({ slots }: { slots: Slot[] }) {
  const [active, setActive] = useState<number>();
  const highest = Math.max(1, ...slots.map(sent));
  const shown = active === undefined ? undefined : slots[active];
  const total = (key: (typeof parts)[number]['key']) => slots.reduce((sum, slot) => sum + slot[key], 0);
  return (
    <figure>
      <figcaption aria-live="polite" className="mb-3 flex flex-wrap items-center gap-x-5 gap-y-1">
        {parts.map(({ key, name, color }) => (
          <span key={key} className="inline-flex items-center gap-2">
            <span aria-hidden className={cx('size-2 rounded-[3px]', color)} />
            <span className="text-muted">{name}</span>
            <span className="font-semibold tabular-nums">{count(shown ? shown[key] : total(key))}</span>
          </span>
        ))}
        <span className="ml-auto text-muted tabular-nums">{shown ? `from ${clock.format(new Date(shown.at))}` : 'last 24 hours'}</span>
      </figcaption>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: leaving the chart only ends the highlight */}
      <div className="flex h-32 items-end gap-px border-b border-line sm:gap-1" onMouseLeave={() => setActive(undefined)}>
        {slots.map((slot, index) => (
          <button
            key={slot.at}
            type="button"
            aria-label={`${clock.format(new Date(slot.at))}: ${parts.map(({ key, name }) => `${name} ${slot[key]}`).join(', ')}`}
            onMouseEnter={() => setActive(index)}
            onFocus={() => setActive(index)}
            onBlur={() => setActive(undefined)}
            className={cx(
              'flex h-full min-w-0 flex-1 cursor-default flex-col justify-end gap-px transition-opacity',
              active !== undefined && active !== index && 'opacity-40',
            )}
          >
            {sent(slot) === 0 ? <span className="block h-[2px] rounded bg-line" /> : <Bars slot={slot} highest={highest} />}
          </button>
        ))}
      </div>
      <div aria-hidden className="mt-1.5 flex justify-between text-2xs text-faint tabular-nums">
        {[0, Math.floor(slots.length / 2), slots.length - 1].map((index) => (
          <span key={index}>{slots[index] && clock.format(new Date(slots[index].at))}</span>
        ))}
      </div>
    </figure>
  );
}

/** What was refused is taken off the others in proportion, so that a bar is as high as its requests. */
function Bars({ slot, highest }: { slot: Slot; highest: number }) {
  const answered = 1 - slot.refused / sent(slot);
  return parts.map(({ key, color }) => {
    const share = (key === 'refused' ? slot.refused : slot[key] * answered) / highest;
    if (share === 0) return null;
    return <span key={key} className={cx('block rounded-[2px]', color)} style={{ height: `${Math.max(PERCENT_MIN, share * 100)}%` }} />;
  });
}
