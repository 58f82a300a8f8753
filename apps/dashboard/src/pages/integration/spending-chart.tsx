/** Requests to the provider by half hours and by kind, refusals on top. */
import type { RateLimits } from '@bowline/api/dashboard';
import { BarChart, type Part } from '../../ui/bar-chart.tsx';

type Slot = RateLimits['slots'][number];

/** What was refused is a part of the others: it is taken off them in proportion, so that a bar is as high as its requests. */
function kind(name: string, color: string, number: (slot: Slot) => number): Part<Slot> {
  const height = (slot: Slot) => {
    const sent = slot.proxy + slot.action + slot.sync;
    return sent === 0 ? 0 : number(slot) * (1 - slot.refused / sent);
  };
  return { name, color, number, height };
}

const parts: readonly Part<Slot>[] = [
  kind('Syncs', 'bg-rope', ({ sync }) => sync),
  kind('Actions', 'bg-good-bar', ({ action }) => action),
  kind('Proxy', 'bg-bar', ({ proxy }) => proxy),
  { name: 'Refused', color: 'bg-bad-bar', number: ({ refused }) => refused },
];

export const SpendingChart = ({ slots }: { slots: Slot[] }) => <BarChart slots={slots} parts={parts} whole="last 24 hours" />;
