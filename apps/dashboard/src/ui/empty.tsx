/** What is shown instead of a list: nothing there yet and what to do next, or why it could not be read. */
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { wordsOf } from '../client.ts';
import { Button } from './button.tsx';

type EmptyProps = { icon: ReactNode; title: string; children?: ReactNode; action?: ReactNode };

export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center px-5 py-12 text-center">
      <span
        aria-hidden
        className="mb-3 inline-flex size-10 items-center justify-center rounded-xl border border-line bg-sunken text-muted [&_svg]:size-5"
      >
        {icon}
      </span>
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="mt-1 max-w-md text-muted">{children}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { reset } = useQueryErrorResetBoundary();
  return (
    <div role="alert" className="flex flex-col items-center px-5 py-12 text-center">
      <CircleAlert aria-hidden className="mb-3 size-6 text-bad" />
      <p className="text-base font-semibold">This could not be loaded</p>
      <p className="mt-1 max-w-md text-muted [overflow-wrap:anywhere]">{wordsOf(error)}</p>
      {onRetry && (
        <Button
          className="mt-4"
          onClick={() => {
            reset();
            onRetry();
          }}
        >
          Try again
        </Button>
      )}
    </div>
  );
}

/** An error that stands in a page and needs to be seen. */
export function Notice({ title, children, tone = 'bad' }: { title: ReactNode; children?: ReactNode; tone?: 'bad' | 'warn' | 'plain' }) {
  const tones = {
    bad: 'border-bad/25 bg-bad-soft text-bad',
    warn: 'border-warn/25 bg-warn-soft text-warn',
    plain: 'border-line bg-sunken text-muted',
  };
  return (
    <div role={tone === 'bad' ? 'alert' : undefined} className={`flex gap-2.5 rounded-lg border px-3 py-2.5 ${tones[tone]}`}>
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium">{title}</p>
        {children && <div className="mt-0.5 text-ink/85">{children}</div>}
      </div>
    </div>
  );
}
