/** The mark of Bowline: a rope whose end comes up through a loop, the first move of the knot. */
export function Mark({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} fill="none" aria-hidden="true" strokeLinecap="round">
      <path d="M9 29V15.5C9 8.6 12.6 4 17.4 4c4.2 0 7.1 3 7.1 6.9 0 4.6-3.9 7.6-9.2 7.6H4.5" stroke="currentColor" strokeWidth="3.4" />
      <path d="M15.5 29c0-4 1-6.300 3.700-8.200" stroke="none" />
      <path d="M17.500 22.800c3.500.7 6.500 2.700 8.500 6.200" stroke="var(--rope)" strokeWidth="3.4" />
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
