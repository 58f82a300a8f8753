/** The mark of Bowline: a loop of rope whose working end passes under itself, as every knot begins. */
import { useId } from 'react';

export function Mark({ className = 'size-6' }: { className?: string }) {
  const under = useId();
  const over = 'M10 3c0 7.5 14.5 8.5 14.5 17.5';
  return (
    <svg viewBox="0 0 32 32" className={className} fill="none" aria-hidden="true" strokeLinecap="round" strokeWidth="3.6">
      <mask id={under} maskUnits="userSpaceOnUse" x="0" y="0" width="32" height="32">
        <path fill="#fff" d="M0 0h32v32H0z" />
        <path d={over} stroke="#000" strokeWidth="7" />
      </mask>
      <path mask={`url(#${under})`} d="M22 3c0 7.5-14.5 8.5-14.5 17.5" stroke="var(--rope)" />
      <path d={`${over}a8.5 8.5 0 0 1-17 0`} stroke="currentColor" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2 text-ink">
      <Mark className="size-5" />
      <span className="text-base font-semibold tracking-tight">Bowline</span>
    </span>
  );
}
