/** Short messages in the corner. They go by themselves; errors stay longer. */
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { IconButton } from './button.tsx';

type Toast = { id: number; tone: 'good' | 'bad'; text: string };
const STAY_MS = { good: 3500, bad: 8000 };
let toasts: Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
function dismiss(id: number): void {
  change(toasts.filter((each) => each.id !== id));
}
function show(tone: Toast['tone'], text: string): void {
  const id = nextId++;
  change([...toasts.slice(-3), { id, tone, text }]);
  setTimeout(() => dismiss(id), STAY_MS[tone]);
}
export const toast = { good: (text: string) => show('good', text), bad: (text: string) => show('bad', text) };

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-20 z-[60] flex flex-col items-center gap-2 md:inset-x-auto md:right-5 md:bottom-5 md:items-end"
    >
      {shown.map(({ id, tone, text }) => (
        <div
          key={id}
          className="pointer-events-auto flex w-full max-w-sm animate-rise items-start gap-2.5 rounded-xl border border-line bg-panel py-2.5 pr-2 pl-3.5 shadow-high"
        >
          {tone === 'good' ? (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-good" />
          ) : (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
          )}
          <p className="min-w-0 flex-1 self-center [overflow-wrap:anywhere]">{text}</p>
          <IconButton label="Dismiss" className="size-5" onClick={() => dismiss(id)}>
            <X aria-hidden className="size-3.5" />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
