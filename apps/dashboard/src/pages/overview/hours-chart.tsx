/** Operations by hour: failed on top of succeeded. */
import { BarChart, type Part } from '../../ui/bar-chart.tsx';

type Hour = { at: string; success: number; failed: number };

const parts: readonly Part<Hour>[] = [
  { name: 'Succeeded', color: 'bg-bar', number: ({ success }) => success },
  { name: 'Failed', color: 'bg-bad-bar', number: ({ failed }) => failed },
];

export function HoursChart({ hours }: { hours: Hour[] }) {
  if (hours.every(({ success, failed }) => success + failed === 0))
    return <p className="rounded-lg bg-sunken/60 px-4 py-10 text-center text-muted">Nothing has run in the last 24 hours.</p>;
  return <BarChart slots={hours} parts={parts} whole="whole day" />;
}
