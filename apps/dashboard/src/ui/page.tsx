/** The frame of a page: heading, actions, content of readable width. Sets the title of the browser tab. */
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { cx } from './class-names.ts';

type PageProps = {
  title: string;
  heading?: ReactNode;
  about?: ReactNode;
  crumbs?: ReactNode[];
  actions?: ReactNode;
  children: ReactNode;
  wide?: boolean;
};

export function Page({ title, heading, about, crumbs, actions, children, wide = false }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Bowline`;
  }, [title]);
  return (
    <main id="content" className={cx('mx-auto w-full px-4 pt-5 pb-28 sm:px-8 sm:pt-8 md:pb-16', wide ? 'max-w-[88rem]' : 'max-w-[76rem]')}>
      {crumbs && (
        <nav aria-label="Breadcrumb" className="mb-3 flex flex-wrap items-center gap-1 text-sm text-muted [&_a:hover]:text-ink">
          {crumbs.map((crumb, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the trail of a page never changes its order
            <span key={index} className="inline-flex items-center gap-1">
              {index > 0 && <ChevronRight aria-hidden className="size-3.5 text-faint" />}
              {crumb}
            </span>
          ))}
        </nav>
      )}
      <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-40">
          <h1 className="text-xl leading-7 font-semibold tracking-tight [overflow-wrap:anywhere]">{heading ?? title}</h1>
          {about && <div className="mt-1 max-w-prose text-muted">{about}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </main>
  );
}
