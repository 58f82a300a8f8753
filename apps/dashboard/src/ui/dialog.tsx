/** A dialog in the middle, and a sheet at the side for details. Both trap focus and close on Escape. */
import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import { cx } from './class-names.ts';

type Base = { open: boolean; onClose: () => void; title: ReactNode; about?: ReactNode; children: ReactNode };

const overlay = 'fixed inset-0 z-40 animate-appear bg-black/30 dark:bg-black/60';

function Closer() {
  return (
    <Radix.Close asChild>
      <IconButton label="Close" className="absolute top-3 right-3">
        <X aria-hidden className="size-4" />
      </IconButton>
    </Radix.Close>
  );
}

const widths = { narrow: 'sm:max-w-md', wide: 'sm:max-w-2xl', page: 'sm:max-w-5xl' };

export function Dialog({ open, onClose, title, about, children, size = 'narrow' }: Base & { size?: keyof typeof widths }) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          {...(about ? {} : { 'aria-describedby': undefined })}
          className={cx(
            'fixed z-50 flex max-h-[calc(100dvh-3rem)] animate-rise flex-col overflow-hidden border border-line bg-panel shadow-high outline-none',
            'inset-x-0 bottom-0 rounded-t-2xl sm:inset-x-auto sm:top-[12vh] sm:bottom-auto sm:left-1/2 sm:max-h-[76vh] sm:w-[calc(100vw-3rem)] sm:-translate-x-1/2 sm:rounded-2xl',
            widths[size],
          )}
        >
          <div className="py-4 pr-12 pl-5">
            <div className="min-w-0">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              {about && <Radix.Description className="mt-0.5 text-sm text-muted">{about}</Radix.Description>}
            </div>
          </div>
          <div className="min-h-0 overflow-y-auto px-5 pb-5">{children}</div>
          <Closer />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function Sheet({ open, onClose, title, about, children }: Base) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          aria-describedby={undefined}
          // The first control of a detail is nothing to start with; the panel itself takes the focus.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          className="fixed inset-y-0 right-0 z-50 flex w-full animate-slide flex-col border-l border-line bg-panel shadow-high outline-none sm:w-[min(46rem,92vw)]"
        >
          <div className="border-b border-line py-3.5 pr-12 pl-5">
            <div className="min-w-0">
              <Radix.Title className="text-base font-semibold [overflow-wrap:anywhere]">{title}</Radix.Title>
              {about && <div className="mt-1 text-sm text-muted">{about}</div>}
            </div>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto p-5">{children}</div>
          <Closer />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
