/** A moment as "3 min ago", the absolute time on hover. All of them on a page share one clock. */
import { useSyncExternalStore } from 'react';

const TICK_MS = 10_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function Time({ at, none = '—' }: { at: string | null | undefined; none?: string }) {
  const clock = useSyncExternalStore(subscribe, () => now);
  if (!at || Number.isNaN(Date.parse(at))) return <span className="text-faint">{none}</span>;
  const moment = Date.parse(at);
  const delta = moment - Math.max(clock, Date.now() - TICK_MS);
  return (
    <time dateTime={at} title={absolute(at)} className="whitespace-nowrap tabular-nums">
      {/* The clock stands still between its ticks: what happened since then is not in the future. */}
      {relative(moment <= Date.now() ? Math.min(delta, 0) : delta)}
    </time>
  );
}

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['min', 60],
] as const;

function relative(deltaMs: number): string {
  const seconds = Math.round(Math.abs(deltaMs) / 1000);
  if (seconds < 10) return deltaMs > 2000 ? 'in a moment' : 'just now';
  const [unit, size] = units.find(([, length]) => seconds >= length) ?? ['sec', 1];
  const count = Math.floor(seconds / size);
  const text = `${count} ${unit}${count > 1 && unit !== 'min' && unit !== 'sec' ? 's' : ''}`;
  return deltaMs > 0 ? `in ${text}` : `${text} ago`;
}

const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' });
export function absolute(at: string): string {
  return format.format(new Date(at));
}

/** `1234` → `1.2 s` */
export function duration(ms: number | null): string {
  if (ms === null) return '—';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

const numbers = new Intl.NumberFormat('en');
export function count(value: number): string {
  return numbers.format(value);
}
