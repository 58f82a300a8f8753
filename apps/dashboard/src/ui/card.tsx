/** A framed part of a page: title, what it is for, actions, content. */
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

type CardProps = {
  /** What a link can point at. */
  id?: string;
  title?: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  flush?: boolean;
  danger?: boolean;
};

export function Card({ id, title, about, actions, children, footer, flush = false, danger = false }: CardProps) {
  return (
    <section
      id={id}
      className={cx('scroll-mt-20 overflow-hidden rounded-xl border bg-panel shadow-soft', danger ? 'border-bad/35' : 'border-line')}
    >
      {(title || actions) && (
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 pt-3.5 pb-3 sm:px-5">
          <div className="min-w-0">
            <h2 className="text-base font-semibold">{title}</h2>
            {about && <p className="mt-0.5 max-w-2xl text-sm text-muted">{about}</p>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      {children && <div className={cx(!flush && 'px-4 pb-4 sm:px-5 sm:pb-5', !flush && !title && 'pt-4 sm:pt-5')}>{children}</div>}
      {footer && <footer className="flex items-center gap-3 border-t border-line bg-sunken/60 px-4 py-2.5 sm:px-5">{footer}</footer>}
    </section>
  );
}

/** Names and values under each other, two columns from tablet width on. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-[minmax(6.5rem,9rem)_1fr]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted max-sm:-mb-2.5">{name}</dt>
          <dd className="min-w-0 [overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
