/** What went wrong and what to do, read out when it appears. */
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="alert" className="flex gap-3 rounded-control border border-bad/35 bg-bad-soft px-3.5 py-3 text-bad-ink">
      <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-semibold">{title}</p>
        {children}
      </div>
    </div>
  );
}

/** The words of the server or the provider, for whoever has to mend it. */
export function Details({ label, text }: { label: string; text: string }) {
  if (text === '') return null;
  return (
    <details className="mt-1.5 text-sm">
      <summary className="underline underline-offset-2">{label}</summary>
      <p className="mt-1">{text}</p>
    </details>
  );
}
